using System;
using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Model.Import;

/// <summary>A model cannot be imported; <see cref="Problems"/> holds every reason that was found.</summary>
public sealed class ModelImportException : Exception
{
    public ModelImportException()
    {
    }

    public ModelImportException(string message)
        : base(message)
    {
    }

    public ModelImportException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <param name="name">The model's name.</param>
    /// <param name="problems">At least one.</param>
    public ModelImportException(string name, IReadOnlyList<ModelProblem> problems)
        : base($"{name} cannot be imported:\n" + string.Join('\n', (problems ?? []).Select(problem => $"  {problem}")))
    {
        Problems = problems ?? [];
    }

    /// <summary>Every problem found, in the order of operators; at most <see cref="ImportLimits.MaxProblems"/>.</summary>
    public IReadOnlyList<ModelProblem> Problems { get; } = [];
}
