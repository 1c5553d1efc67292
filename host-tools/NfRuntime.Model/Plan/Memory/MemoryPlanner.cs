using System;
using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Model.Plan.Memory;

/// <summary>
/// Gives each request an offset so that requests that are live together do not overlap (dynamic storage allocation), or no
/// further than an operator allows that computes one over the other row by row.
/// Several orders of greedy placement, then a search over orders, which is exhaustive for small graphs; stops at the bound.
/// </summary>
public static class MemoryPlanner
{
    private const int SearchBudget = 100_000;
    private const int ImprovementRounds = 300;

    /// <summary>Plans the arena, where nothing may overlap; deterministic.</summary>
    /// <param name="requests">May be empty.</param>
    public static MemoryPlan Plan(IReadOnlyList<MemoryRequest> requests) => Plan(requests, []);

    /// <summary>Plans the arena; deterministic.</summary>
    /// <param name="requests">May be empty.</param>
    /// <param name="overlaps">Requests that may overlap; at most one for each pair.</param>
    public static MemoryPlan Plan(IReadOnlyList<MemoryRequest> requests, IReadOnlyList<AllowedOverlap> overlaps)
    {
        ArgumentNullException.ThrowIfNull(requests);
        ArgumentNullException.ThrowIfNull(overlaps);
        (long bound, int operatorIndex) = Bound(requests, overlaps);
        if (requests.Count == 0)
        {
            return new MemoryPlan([], 0, 0, 0) { IsOptimal = true };
        }

        var conflicts = new Conflicts(requests, overlaps);
        long[] offsets = [];
        int[] order = [];
        long peak = long.MaxValue;
        foreach (int[] candidate in Orders(requests))
        {
            long[] placed = Placement.Greedy(conflicts, candidate);
            long reached = Placement.Peak(requests, placed);
            if (reached < peak)
            {
                (offsets, peak, order) = (placed, reached, candidate);
            }
        }

        bool isComplete = false;
        if (peak > bound)
        {
            (offsets, peak) = Improve(requests, conflicts, order, offsets, bound);
        }

        if (peak > bound)
        {
            var search = new ExhaustivePlacement(requests, conflicts, bound, SearchBudget);
            (offsets, peak) = search.Search(offsets, peak);
            isComplete = search.IsComplete;
        }

        return new MemoryPlan(offsets, peak, bound, operatorIndex) { IsOptimal = peak == bound || isComplete };
    }

    /// <summary>Bytes needed during operator <paramref name="op"/>, what overlaps there counted once.</summary>
    public static long LiveBytes(IReadOnlyList<MemoryRequest> requests, IReadOnlyList<AllowedOverlap> overlaps, int op) =>
        requests.Sum(request => request.BytesAt(op)) - overlaps.Where(overlap => overlap.Operator == op).Sum(overlap => overlap.Saving);

    /// <summary>The largest sum of bytes needed during one operator, and that operator.</summary>
    public static (long Bytes, int Operator) Bound(IReadOnlyList<MemoryRequest> requests, IReadOnlyList<AllowedOverlap> overlaps)
    {
        ArgumentNullException.ThrowIfNull(requests);
        ArgumentNullException.ThrowIfNull(overlaps);
        (long Bytes, int Operator) bound = (0, 0);
        int last = requests.Count == 0 ? -1 : requests.Max(request => request.Last);
        for (int op = 0; op <= last; op++)
        {
            long live = LiveBytes(requests, overlaps, op);
            bound = live > bound.Bytes ? (live, op) : bound;
        }

        return bound;
    }

    private static IEnumerable<int[]> Orders(IReadOnlyList<MemoryRequest> requests)
    {
        int[] all = [.. Enumerable.Range(0, requests.Count)];
        int Duration(int i) => requests[i].Last - requests[i].First + 1;
        yield return [.. all.OrderByDescending(i => requests[i].Bytes).ThenBy(i => requests[i].First)];
        yield return [.. all.OrderByDescending(i => requests[i].Bytes).ThenByDescending(Duration)];
        yield return [.. all.OrderByDescending(i => requests[i].Bytes * Duration(i))];
        yield return [.. all.OrderByDescending(Duration).ThenByDescending(i => requests[i].Bytes)];
        yield return [.. all.OrderBy(i => requests[i].First).ThenByDescending(i => requests[i].Bytes)];
        yield return [.. all.OrderByDescending(i => requests[i].First).ThenByDescending(i => requests[i].Bytes)];
    }

    // Moves what stands highest, or any request, to another place of the order; keeps what is not worse.
    private static (long[] Offsets, long Peak) Improve(IReadOnlyList<MemoryRequest> requests, Conflicts conflicts, int[] start, long[] offsets, long bound)
    {
        var random = new DeterministicRandom(1);
        List<int> order = [.. start];
        long peak = Placement.Peak(requests, offsets);
        for (int round = 0; round < ImprovementRounds && peak > bound; round++)
        {
            List<int> candidate = [.. order];
            int from = round % 2 == 0 ? candidate.IndexOf(Highest(requests, offsets)) : random.Next(candidate.Count);
            int moved = candidate[from];
            candidate.RemoveAt(from);
            candidate.Insert(random.Next(candidate.Count + 1), moved);
            long[] placed = Placement.Greedy(conflicts, candidate);
            long reached = Placement.Peak(requests, placed);
            if (reached <= peak)
            {
                (order, offsets, peak) = (candidate, placed, reached);
            }
        }

        return (offsets, peak);
    }

    private static int Highest(IReadOnlyList<MemoryRequest> requests, long[] offsets) =>
        Enumerable.Range(0, requests.Count).MaxBy(i => offsets[i] + requests[i].Bytes);

    // System.Random's sequence is not part of its contract; plans must come out the same for ever.
    private sealed class DeterministicRandom(uint seed)
    {
        private uint _state = seed;

        public int Next(int below)
        {
            _state = unchecked((_state * 1664525u) + 1013904223u);
            return (int)((ulong)_state * (uint)below >> 32);
        }
    }
}
