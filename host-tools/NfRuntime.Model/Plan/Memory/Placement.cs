using System;
using System.Collections.Generic;

namespace NfRuntime.Model.Plan.Memory;

/// <summary>Greedy placement: each request in turn at the lowest offset that is free while it is live.</summary>
internal static class Placement
{
    /// <summary>Offset of a request that has no place yet.</summary>
    public const long Unplaced = -1;

    public static long[] Greedy(Conflicts conflicts, IReadOnlyList<int> order)
    {
        var offsets = new long[order.Count];
        Array.Fill(offsets, Unplaced);
        foreach (int request in order)
        {
            offsets[request] = LowestOffset(conflicts.Of(request), offsets);
        }

        return offsets;
    }

    public static long Peak(IReadOnlyList<MemoryRequest> requests, IReadOnlyList<long> offsets)
    {
        long peak = 0;
        for (int i = 0; i < requests.Count; i++)
        {
            peak = Math.Max(peak, offsets[i] + requests[i].Bytes);
        }

        return peak;
    }

    /// <summary>The lowest offset that is outside the intervals which the placed conflicts forbid.</summary>
    public static long LowestOffset(IReadOnlyList<Conflicts.Pair> conflicts, long[] offsets)
    {
        long offset = 0;
        bool moved = true;
        while (moved)
        {
            moved = false;
            foreach (Conflicts.Pair pair in conflicts)
            {
                long other = offsets[pair.Other];
                if (other != Unplaced && offset < other + pair.OtherBytes && offset + pair.OwnBytes > other)
                {
                    offset = other + pair.OtherBytes;
                    moved = true;
                }
            }
        }

        return offset;
    }
}
