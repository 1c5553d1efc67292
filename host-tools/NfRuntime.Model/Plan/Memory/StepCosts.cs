using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan.Lowering;

namespace NfRuntime.Model.Plan.Memory;

/// <summary>
/// Bytes that must be in the arena together while a step runs, each tensor rounded up to 16, whatever the placement: what a
/// planner cannot go below. It knows lifetimes and allowed overlaps and nothing of places.
/// </summary>
internal sealed class StepCosts(Graph graph, IReadOnlyList<LoweredOperator> operators, Lifetimes lifetimes)
{
    private readonly (int Root, int First, int Last, long Bytes)[] _roots =
        [.. lifetimes.Roots.Select(root => (root, lifetimes.Of(root).First, lifetimes.Of(root).Last, PlanFormat.AlignUp(graph.Tensors[root].ByteSize)))];

    /// <summary>With the way of its operator that needs least.</summary>
    public long Of(PlanStep step)
    {
        long live = 0;
        foreach ((int root, int first, int last, long bytes) in _roots)
        {
            live += first <= step.Last && last >= step.First && !IsStreamed(step, root) ? bytes : 0;
        }

        return step.Chain is { } chain
            ? live + chain.WorkingBytes - Saving(step, operators[step.First].Ways[^1])
            : live + operators[step.First].Ways.Min(way => way.Scratch - Saving(step, way));
    }

    /// <summary>Bytes that output and dying inputs need less than each for itself, at best.</summary>
    public long Saving(PlanStep step, MemoryAlternative way)
    {
        int output = lifetimes.RootOf(operators[step.Last].Output);
        long bytes = graph.Tensors[output].ByteSize;
        long inPlace = StepOverlaps.Hosts(operators, step, way, lifetimes)
            .Select(root => Math.Min(PlanFormat.AlignUp(graph.Tensors[root].ByteSize), PlanFormat.AlignUp(bytes))).DefaultIfEmpty(0).Max();
        long byRows = StepOverlaps.Of(graph, operators, step, way, lifetimes)
            .Sum(one => new AllowedOverlap(0, 1, 0, graph.Tensors[one.Root].ByteSize, bytes, one.Rows).Saving);
        return Math.Min(PlanFormat.AlignUp(bytes), Math.Max(inPlace, byRows));
    }

    private static bool IsStreamed(PlanStep step, int root) => step.Chain is { } chain && chain.Shape.WriterOf(root) >= 0;
}
