using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan.Lowering;

namespace NfRuntime.Model.Plan.Memory;

/// <summary>Says of a planned arena what makes its peak.</summary>
internal sealed class MemoryReporter(Graph graph, IReadOnlyList<LoweredOperator> operators, ArenaPlan arena, Lifetimes lifetimes)
{
    /// <summary>The step in which the arena is used up to its end; of several the one that needs most.</summary>
    public int PeakStep { get; } = Enumerable.Range(0, arena.Storage.Steps.Count)
        .Where(step => End(arena, step) == arena.Memory.Peak)
        .MaxBy(step => step == arena.BoundStep ? long.MaxValue : MemoryPlanner.LiveBytes(arena.Storage.Requests, arena.Storage.Overlaps, step));

    /// <param name="sourceOperators">Operators of the model.</param>
    public MemoryReport Report(int sourceOperators)
    {
        PeakOccupant[] peak = [.. Tensors(PeakStep).Concat(Scratch(PeakStep)).OrderBy(one => one.Offset).ThenByDescending(one => one.Bytes)];
        return new MemoryReport(
            arena.Memory.Peak,
            arena.Bound,
            arena.WithoutChains,
            arena.Memory.Peak == arena.Bound || arena.Memory.IsOptimal,
            peak,
            peak.Sum(one => one.Bytes) - Covered(peak),
            [.. Enumerable.Range(0, arena.Storage.Steps.Count).Where(step => arena.Storage.Steps[step].Chain is not null).Select(Chain)],
            sourceOperators - operators.Select(op => op.Node.SourceIndex).Distinct().Count(),
            [.. MemoryReasons.Of(graph, operators, arena, lifetimes, PeakStep, peak)]);
    }

    private static long End(ArenaPlan arena, int step) => Enumerable.Range(0, arena.Storage.Requests.Count)
        .Where(request => arena.Storage.Requests[request].BytesAt(step) > 0)
        .Select(request => arena.Memory.Offsets[request] + arena.Storage.Requests[request].BytesAt(step)).DefaultIfEmpty(0).Max();

    private IEnumerable<PeakOccupant> Tensors(int index)
    {
        PlanStep step = arena.Storage.Steps[index];
        foreach (int root in lifetimes.Roots.Where(root => arena.Storage.RequestOf(root) >= 0))
        {
            (int first, int last) = lifetimes.Of(root);
            if (first > step.Last || last < step.First)
            {
                continue;
            }

            OccupantRole role = lifetimes.RootOf(operators[step.Last].Output) == root ? OccupantRole.Written
                : IsRead(step, root) ? OccupantRole.Read
                : OccupantRole.Kept;
            bool isOutput = lifetimes.IsKept(root);
            yield return new PeakOccupant(
                graph.Tensors[root].Name,
                role,
                arena.Memory.Offsets[arena.Storage.RequestOf(root)],
                PlanFormat.AlignUp(graph.Tensors[root].ByteSize),
                graph.Inputs.Contains(root),
                isOutput,
                last > step.Last && !isOutput ? operators[last].Node.SourceIndex : null);
        }
    }

    private bool IsRead(PlanStep step, int root) => Enumerable.Range(step.First, step.Last - step.First + 1)
        .SelectMany(op => operators[op].Inputs).Any(tensor => lifetimes.InArena(tensor) && lifetimes.RootOf(tensor) == root);

    private IEnumerable<PeakOccupant> Scratch(int index)
    {
        PlanStep step = arena.Storage.Steps[index];
        if (step.Chain is { } chain)
        {
            yield return new PeakOccupant(
                string.Empty, OccupantRole.Streamed, arena.Memory.Offsets[arena.Storage.ScratchRequestOf(index)], chain.WorkingBytes, false, false, null);
        }
        else if (arena.ScratchOffsets[step.First] >= 0)
        {
            yield return new PeakOccupant(
                string.Empty, OccupantRole.Scratch, arena.ScratchOffsets[step.First], arena.Ways[step.First].Scratch, false, false, null);
        }
    }

    private static long Covered(IReadOnlyList<PeakOccupant> sorted)
    {
        long covered = 0;
        long end = 0;
        foreach (PeakOccupant one in sorted)
        {
            covered += Math.Max(0, one.Offset + one.Bytes - Math.Max(end, one.Offset));
            end = Math.Max(end, one.Offset + one.Bytes);
        }

        return covered;
    }

    private ChainReport Chain(int index)
    {
        PlanStep step = arena.Storage.Steps[index];
        return new ChainReport(
            PlanListing.RowOf(arena, index),
            step.Last - step.First + 1,
            step.Chain!.Height,
            step.Chain.Stripes,
            Enumerable.Range(step.First, step.Last - step.First).Sum(op => (long)graph.Tensors[operators[op].Output].ByteSize),
            step.Chain.WorkingBytes);
    }
}
