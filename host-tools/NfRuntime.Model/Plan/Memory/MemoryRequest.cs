using System;
using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Model.Plan.Memory;

/// <summary>Bytes that are needed from one operator through another.</summary>
/// <param name="First">First operator, in execution order, during which the bytes are needed.</param>
/// <param name="Last">Last such operator; not before <paramref name="First"/>.</param>
/// <param name="Bytes">More than 0.</param>
public readonly record struct LiveRange(int First, int Last, long Bytes);

/// <summary>
/// Something that wants one offset of the arena: a tensor, or a chain of tensors computed in place of each other, whose
/// sizes may differ.
/// </summary>
/// <param name="Ranges">At least one.</param>
public sealed record MemoryRequest(IReadOnlyList<LiveRange> Ranges)
{
    /// <summary>Bytes of the largest range, rounded up to the alignment.</summary>
    public long Bytes { get; } = PlanFormat.AlignUp(Ranges.Max(range => range.Bytes));

    /// <summary>First operator during which bytes are needed.</summary>
    public int First { get; } = Ranges.Min(range => range.First);

    /// <summary>Last operator during which bytes are needed.</summary>
    public int Last { get; } = Ranges.Max(range => range.Last);

    /// <summary>Bytes needed during operator <paramref name="op"/>, rounded up to the alignment; 0 when not live.</summary>
    public long BytesAt(int op)
    {
        long bytes = 0;
        foreach (LiveRange range in Ranges)
        {
            bytes = range.First <= op && op <= range.Last ? Math.Max(bytes, range.Bytes) : bytes;
        }

        return PlanFormat.AlignUp(bytes);
    }
}

/// <summary>A plan of the arena.</summary>
/// <param name="Offsets">One a request, in the requests' order; multiples of 16.</param>
/// <param name="Peak">End of the highest range, a multiple of 16.</param>
/// <param name="Bound">No plan can be smaller: the largest sum of bytes that are needed during one operator.</param>
/// <param name="BoundOperator">The operator (execution order) during which the bound is reached.</param>
public sealed record MemoryPlan(IReadOnlyList<long> Offsets, long Peak, long Bound, int BoundOperator)
{
    /// <summary>Whether no placement of these requests is smaller: the bound is reached, or all were searched.</summary>
    public bool IsOptimal { get; init; }
}
