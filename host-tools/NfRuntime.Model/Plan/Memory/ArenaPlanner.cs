using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan.Chains;
using NfRuntime.Model.Plan.Lowering;

namespace NfRuntime.Model.Plan.Memory;

/// <summary>
/// Plans the arena of lowered operators: first with the way of each operator that needs least, then each operator takes the
/// fastest way that fits where the tensors then lie and into what is free while it runs.
/// </summary>
internal sealed class ArenaPlanner
{
    // Balanced: chains may add so many instructions, and each hundredth more must save two of memory.
    private const double MaxGrowth = 0.015;
    private const double Price = 2;
    private const int MaxTrials = 40;
    private const int BalancedMembers = 3;

    private readonly Graph _graph;
    private readonly IReadOnlyList<LoweredOperator> _operators;
    private readonly Lifetimes _lifetimes;
    private readonly bool _together;

    private ArenaPlanner(Graph graph, IReadOnlyList<LoweredOperator> operators, Lifetimes lifetimes, bool together)
    {
        _graph = graph;
        _operators = operators;
        _lifetimes = lifetimes;
        _together = together;
    }

    /// <param name="graph">The graph.</param>
    /// <param name="operators">Its records in execution order.</param>
    /// <param name="lifetimes">When tensors are needed.</param>
    /// <param name="options">Whether anything may lie over anything else, and what that may cost.</param>
    public static ArenaPlan Plan(Graph graph, IReadOnlyList<LoweredOperator> operators, Lifetimes lifetimes, CompileOptions options)
    {
        var planner = new ArenaPlanner(graph, operators, lifetimes, together: !options.KeepAllTensors);
        if (options is { Cut: { } cut, KeepAllTensors: false })
        {
            return planner.Plan(cut(new ChainSearch(graph, operators, lifetimes)), thoroughly: true);
        }

        ArenaPlan alone = planner.Plan(PlanStep.EachAlone(operators.Count), thoroughly: true);
        return options.KeepAllTensors || options.Streaming == Streaming.Off ? alone : planner.WithChains(alone, options.Streaming == Streaming.Balanced);
    }

    // Goes through the limits from the lowest; a plan below its limit cannot be beaten by a later one that saves no instructions.
    private ArenaPlan WithChains(ArenaPlan alone, bool balanced)
    {
        var search = new ChainSearch(_graph, _operators, _lifetimes, balanced ? BalancedMembers : PlanFormat.MaxChainMembers);
        double work = _operators.Sum(op => ChainCosts.Work(_graph, op));
        long fastest = Extra(alone, 0);
        (ArenaPlan best, double bestMerit) = (alone, alone.Memory.Peak);
        IReadOnlyList<PlanStep>? chosen = null;
        long tried = -1;
        int trials = 0;
        foreach (long limit in search.Limits())
        {
            if (limit >= alone.Memory.Peak || trials == MaxTrials)
            {
                break;
            }

            (IReadOnlyList<PlanStep> steps, long instructions) = search.Cut(limit);
            if (instructions == tried || (balanced && instructions > MaxGrowth * work))
            {
                continue;
            }

            tried = instructions;
            trials++;
            ArenaPlan plan = Plan(steps, thoroughly: false);
            long extra = Extra(plan, instructions) - fastest;
            double merit = balanced && extra > MaxGrowth * work ? double.MaxValue : plan.Memory.Peak * (1 + (balanced ? Price * extra / work : 0));
            (best, bestMerit, chosen) = merit < bestMerit ? (plan, merit, steps) : (best, bestMerit, chosen);
        }

        best = chosen is null ? best : Plan(chosen, thoroughly: true);
        ChainSearch all = balanced ? new ChainSearch(_graph, _operators, _lifetimes) : search;
        long least = all.Least();
        return best with { WithoutChains = alone.WithoutChains, Least = least, LeastGrowth = all.Cut(least).Instructions / work };
    }

    // What a plan costs more than each operator in its fastest way: a smaller arena leaves them less scratch.
    private long Extra(ArenaPlan plan, long chains) =>
        chains + Enumerable.Range(0, _operators.Count).Sum(op => plan.Ways[op].Instructions - _operators[op].Ways[0].Instructions);

    // Thoroughly: operator by operator the fastest way that costs no memory, those first that compute most. That is decided
    // before the tensors have their places for good, since where they lie decides what fits.
    private ArenaPlan Plan(IReadOnlyList<PlanStep> steps, bool thoroughly)
    {
        MemoryAlternative[] ways = [.. _operators.Select(op => op.Ways[^1])];
        (StorageAssignment storage, MemoryPlan memory) = Place(steps, ways);
        bool[] alone = [.. _operators.Select((_, op) => steps[storage.StepOf(op)].Chain is null)];
        Try([.. _operators.Select((op, index) => op.Ways.FirstOrDefault(way => alone[index] && way.InPlace.Count > 0) ?? op.Ways[^1])]);
        Try([.. _operators.Select((op, index) => op.Ways[alone[index] ? 0 : ^1])]);
        foreach (int op in Enumerable.Range(0, thoroughly ? ways.Length : 0).Where(op => alone[op]).OrderByDescending(op => _operators[op].Macs))
        {
            foreach (MemoryAlternative way in _operators[op].Alternatives)
            {
                MemoryAlternative[] tried = [.. ways];
                tried[op] = way;
                if (way == ways[op] || Try(tried))
                {
                    break;
                }
            }
        }

        var scratch = new long[ways.Length];
        for (int op = 0; op < ways.Length; op++)
        {
            (ways[op], scratch[op]) = steps[storage.StepOf(op)].Chain is null ? Fastest(op, storage, memory, ways[op]) : (ways[op], -1);
        }

        var costs = new StepCosts(_graph, _operators, _lifetimes);
        (long bound, int step) = Enumerable.Range(0, steps.Count).Select(index => (Bytes: _together ? costs.Of(steps[index]) : MemoryPlanner.LiveBytes(storage.Requests, [], index), index)).MaxBy(one => one.Bytes);
        return new ArenaPlan(storage, memory, ways, scratch, bound, step) { WithoutChains = memory.Peak, Least = bound };

        // Takes these ways when they need no more.
        bool Try(MemoryAlternative[] tried)
        {
            (StorageAssignment triedStorage, MemoryPlan triedMemory) = Place(steps, tried);
            if (triedMemory.Peak > memory.Peak)
            {
                return false;
            }

            (ways, storage, memory) = (tried, triedStorage, triedMemory);
            return true;
        }
    }

    // Computing in place ties tensors to one offset, which may cost more by fragmentation than it wins.
    private (StorageAssignment Storage, MemoryPlan Memory) Place(IReadOnlyList<PlanStep> steps, IReadOnlyList<MemoryAlternative> ways)
    {
        StorageAssignment storage = StorageAssignment.Create(_graph, _operators, steps, ways, _lifetimes, inPlace: _together, overlap: _together);
        MemoryPlan memory = MemoryPlanner.Plan(storage.Requests, storage.Overlaps);
        if (storage.InPlaceCount > 0 && memory.Peak > memory.Bound)
        {
            StorageAssignment apart = StorageAssignment.Create(_graph, _operators, steps, ways, _lifetimes, inPlace: false, overlap: true);
            MemoryPlan apartMemory = MemoryPlanner.Plan(apart.Requests, apart.Overlaps);
            if (apartMemory.Peak < memory.Peak)
            {
                return (apart, apartMemory);
            }

            // Some in place and some not: that was not searched.
            memory = memory with { IsOptimal = false };
        }

        return (storage, memory);
    }

    private (MemoryAlternative Way, long Scratch) Fastest(int op, StorageAssignment storage, MemoryPlan memory, MemoryAlternative planned)
    {
        int step = storage.StepOf(op);
        foreach (MemoryAlternative way in _operators[op].Alternatives.TakeWhile(way => way != planned))
        {
            long scratch = way.ScratchBytes == 0 ? -1 : FreeOffset(storage, memory, step, way.Scratch);
            if ((way.ScratchBytes == 0 || scratch >= 0) && Allows(op, storage, memory, way))
            {
                return (way, scratch);
            }
        }

        return (planned, storage.ScratchRequestOf(step) is >= 0 and int request ? memory.Offsets[request] : -1);
    }

    private bool Allows(int op, StorageAssignment storage, MemoryPlan memory, MemoryAlternative way)
    {
        int input = storage.DyingInputOf(op);
        LoweredOperator lowered = _operators[op];
        return input < 0 || way.Allows(
            memory.Offsets[input], _graph.Tensors[lowered.Inputs[0]].ByteSize, memory.Offsets[storage.RequestOf(lowered.Output)], _graph.Tensors[lowered.Output].ByteSize);
    }

    // The lowest gap of what else lives in the step; -1 when none is large enough.
    private static long FreeOffset(StorageAssignment storage, MemoryPlan memory, int step, long bytes)
    {
        int own = storage.ScratchRequestOf(step);
        long offset = 0;
        foreach ((long start, long end) in Enumerable.Range(0, storage.Requests.Count)
            .Where(request => request != own && storage.Requests[request].BytesAt(step) > 0)
            .Select(request => (Start: memory.Offsets[request], End: memory.Offsets[request] + storage.Requests[request].BytesAt(step)))
            .OrderBy(range => range.Start))
        {
            if (offset + bytes <= start)
            {
                return offset;
            }

            offset = Math.Max(offset, end);
        }

        return offset + bytes <= memory.Peak ? offset : -1;
    }
}
