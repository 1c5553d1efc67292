using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Import;
using NfRuntime.Model.Ir;
using Xunit;

namespace NfRuntime.Model.Tests.Import.Building;

/// <summary>Expects refusals: the model imports before the change and says the sentence after it.</summary>
internal static class Refusal
{
    /// <summary>One problem, of operator 0, with this sentence in its text.</summary>
    public static void Expect(ModelBuilder model, Action<ModelBuilder> change, string sentence)
    {
        Import(model);
        change(model);
        IReadOnlyList<ModelProblem> problems = Problems(model.Build());
        Assert.Contains(problems, problem => problem.ToString().Contains(sentence, StringComparison.Ordinal));
        Assert.True(problems.Count == 1, "more than the one problem: " + string.Join(" / ", problems));
    }

    /// <summary>The graph of a model that must import.</summary>
    public static Graph Import(ModelBuilder model) => TfliteImporter.Import(model.Build(), "built");

    /// <summary>The problems of a model that must not import.</summary>
    public static IReadOnlyList<ModelProblem> Problems(byte[] file)
    {
        var e = Assert.Throws<ModelImportException>(() => TfliteImporter.Import(file, "built"));
        Assert.NotEmpty(e.Problems);
        Assert.All(e.Problems, problem => Assert.Contains(problem.ToString(), e.Message, StringComparison.Ordinal));
        return e.Problems;
    }

    /// <summary>The keys of a table of changes as theory data.</summary>
    public static TheoryData<string> Sentences(Dictionary<string, Action<ModelBuilder>> changes) => [.. changes.Keys.Order(StringComparer.Ordinal)];
}
