using System.Collections.Generic;

namespace NfRuntime.Model.Plan.Memory;

/// <summary>Where everything of a plan lies in the arena, and in which way each operator runs.</summary>
/// <param name="Storage">Which tensors share a place, and what runs together.</param>
/// <param name="Memory">The offsets of those places.</param>
/// <param name="Ways">For each operator the way that fits where its tensors lie; has no meaning for members of a chain.</param>
/// <param name="ScratchOffsets">For each operator the offset of its scratch; −1 when it has none, or is a member of a chain.</param>
/// <param name="Bound">No placement of these steps can need less.</param>
/// <param name="BoundStep">The step in which it arises.</param>
internal sealed record ArenaPlan(
    StorageAssignment Storage, MemoryPlan Memory, IReadOnlyList<MemoryAlternative> Ways, IReadOnlyList<long> ScratchOffsets, long Bound, int BoundStep)
{
    /// <summary>The arena if nothing were streamed.</summary>
    public long WithoutChains { get; init; }

    /// <summary>The least that a step needs at the peak, with chains at any price.</summary>
    public long Least { get; init; }

    /// <summary>What that adds to the instructions, as a part of them, roughly.</summary>
    public double LeastGrowth { get; init; }

    /// <summary>Bytes of scratch of a step: its operator's, or the working memory of its chain.</summary>
    public long ScratchBytes(int step) => Storage.Steps[step].Chain?.WorkingBytes ?? Ways[Storage.Steps[step].First].ScratchBytes;
}
