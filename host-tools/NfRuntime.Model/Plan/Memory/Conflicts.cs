using System;
using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Model.Plan.Memory;

/// <summary>Which requests are live together, and how much room they then need: computed once, used by each placement.</summary>
internal sealed class Conflicts
{
    private readonly List<Pair>[] _pairs;
    private readonly Dictionary<(int Input, int Output), AllowedOverlap> _overlaps;

    public Conflicts(IReadOnlyList<MemoryRequest> requests, IReadOnlyList<AllowedOverlap> overlaps)
    {
        _overlaps = overlaps.ToDictionary(overlap => (overlap.Input, overlap.Output));
        _pairs = new List<Pair>[requests.Count];
        for (int i = 0; i < requests.Count; i++)
        {
            _pairs[i] = [];
        }

        for (int i = 0; i < requests.Count; i++)
        {
            for (int j = i + 1; j < requests.Count; j++)
            {
                AddPair(requests[i], requests[j], i, j);
            }
        }
    }

    /// <summary>The requests that are live together with <paramref name="request"/>.</summary>
    public IReadOnlyList<Pair> Of(int request) => _pairs[request];

    private void AddPair(MemoryRequest a, MemoryRequest b, int i, int j)
    {
        long bytesA = 0;
        long bytesB = 0;
        foreach (LiveRange rangeA in a.Ranges)
        {
            foreach (LiveRange rangeB in b.Ranges)
            {
                if (rangeA.First <= rangeB.Last && rangeB.First <= rangeA.Last)
                {
                    (long roomA, long roomB) = Room(i, rangeA, j, rangeB);
                    bytesA = Math.Max(bytesA, roomA);
                    bytesB = Math.Max(bytesB, roomB);
                }
            }
        }

        if (bytesA > 0)
        {
            _pairs[i].Add(new Pair(j, bytesA, bytesB));
            _pairs[j].Add(new Pair(i, bytesB, bytesA));
        }
    }

    // Bytes by which b's place must be above a's, and a's above b's: all of what is live, or what overlapping rows leave.
    private (long OfA, long OfB) Room(int a, LiveRange rangeA, int b, LiveRange rangeB)
    {
        if (_overlaps.TryGetValue((a, b), out AllowedOverlap? over) && rangeA.Last == over.Operator && rangeB.First == over.Operator)
        {
            return (over.Behind, over.Before);
        }

        if (_overlaps.TryGetValue((b, a), out AllowedOverlap? under) && rangeB.Last == under.Operator && rangeA.First == under.Operator)
        {
            return (under.Before, under.Behind);
        }

        return (PlanFormat.AlignUp(rangeA.Bytes), PlanFormat.AlignUp(rangeB.Bytes));
    }

    /// <summary>Live together with <paramref name="Other"/>, then <paramref name="OwnBytes"/> here and <paramref name="OtherBytes"/> there must not overlap.</summary>
    public readonly record struct Pair(int Other, long OwnBytes, long OtherBytes);
}
