using System;
using System.Collections.Generic;

namespace NfRuntime.Model.Plan.Memory;

/// <summary>Which requests are live together, and how much room they then need: computed once, used by each placement.</summary>
internal sealed class Conflicts
{
    private readonly List<Pair>[] _pairs;

    public Conflicts(IReadOnlyList<MemoryRequest> requests)
    {
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
                    bytesA = Math.Max(bytesA, PlanFormat.AlignUp(rangeA.Bytes));
                    bytesB = Math.Max(bytesB, PlanFormat.AlignUp(rangeB.Bytes));
                }
            }
        }

        if (bytesA > 0)
        {
            _pairs[i].Add(new Pair(j, bytesA, bytesB));
            _pairs[j].Add(new Pair(i, bytesB, bytesA));
        }
    }

    /// <summary>Live together with <paramref name="Other"/>, then <paramref name="OwnBytes"/> here and <paramref name="OtherBytes"/> there must not overlap.</summary>
    public readonly record struct Pair(int Other, long OwnBytes, long OtherBytes);
}
