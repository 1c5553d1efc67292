using System.Collections.Generic;

namespace NfRuntime.Model.Import;

/// <summary>Collects problems up to <see cref="ImportLimits.MaxProblems"/>; the last one then says that the search stopped.</summary>
internal sealed class ProblemList
{
    private readonly List<ModelProblem> _problems = [];

    public IReadOnlyList<ModelProblem> All => _problems;

    public bool IsFull => _problems.Count >= ImportLimits.MaxProblems;

    public void Add(ModelProblem problem)
    {
        if (IsFull)
        {
            return;
        }

        _problems.Add(_problems.Count < ImportLimits.MaxProblems - 1
            ? problem
            : new ModelProblem(ModelProblemKind.Invalid, "there are more problems: the search stopped here"));
    }
}
