using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan.Chains;
using NfRuntime.Model.Plan.Lowering;

namespace NfRuntime.Model.Plan.Memory;

/// <summary>Where the output of a step may lie when tensors that it reads die there.</summary>
internal static class StepOverlaps
{
    /// <summary>Tensors (roots) that the output may overlap row by row, each with how far.</summary>
    public static IEnumerable<(int Root, RowOverlap Rows)> Of(
        Graph graph, IReadOnlyList<LoweredOperator> operators, PlanStep step, MemoryAlternative way, Lifetimes lifetimes)
    {
        if (step.Chain is { } chain)
        {
            foreach (int root in DyingInputs(chain, step, lifetimes))
            {
                if (chain.Ascending(root) is { } ascending)
                {
                    yield return (root, new RowOverlap(ascending, graph.Tensors[root].ByteSize));
                }
            }
        }
        else if (way.Rows is { } rows && lifetimes.InArena(operators[step.First].Inputs[0]))
        {
            int root = lifetimes.RootOf(operators[step.First].Inputs[0]);
            if (lifetimes.DiesIn(root, step))
            {
                yield return (root, rows.Overlap(graph.Tensors[root].ByteSize, graph.Tensors[lifetimes.RootOf(operators[step.First].Output)].ByteSize));
            }
        }
    }

    /// <summary>Tensors (roots) at whose exact place the output may lie.</summary>
    public static IEnumerable<int> Hosts(IReadOnlyList<LoweredOperator> operators, PlanStep step, MemoryAlternative way, Lifetimes lifetimes) =>
        step.Chain is { } chain
            ? DyingInputs(chain, step, lifetimes).Where(chain.MayRunInPlace)
            : way.InPlace.Select(position => operators[step.First].Inputs[position])
                .Where(tensor => lifetimes.InArena(tensor) && lifetimes.DiesIn(lifetimes.RootOf(tensor), step))
                .Select(lifetimes.RootOf).Distinct()
                .Where(root => AllUsesAllowInPlace(operators[step.First], way, lifetimes, root));

    // What a member reads under another shape is never overwritten: the chain knows rows by tensors, not by bytes.
    private static IEnumerable<int> DyingInputs(Chain chain, PlanStep step, Lifetimes lifetimes)
    {
        int[] whole = [.. chain.Shape.Members.SelectMany(member => member.Operator.Inputs).Where(tensor => chain.Shape.WriterOf(tensor) < 0 && lifetimes.InArena(tensor)).Distinct()];
        int[] roots = [.. whole.Where(tensor => lifetimes.RootOf(tensor) != tensor).Select(lifetimes.RootOf)];
        return whole.Where(tensor => lifetimes.RootOf(tensor) == tensor && !roots.Contains(tensor) && lifetimes.DiesIn(tensor, step));
    }

    private static bool AllUsesAllowInPlace(LoweredOperator lowered, MemoryAlternative way, Lifetimes lifetimes, int root) =>
        Enumerable.Range(0, lowered.Inputs.Count).All(position =>
            !lifetimes.InArena(lowered.Inputs[position]) || lifetimes.RootOf(lowered.Inputs[position]) != root || way.InPlace.Contains(position));
}
