using System.Collections.Generic;

namespace NfRuntime.Model.Plan;

/// <summary>Why the arena is as large as it is. All sizes in bytes.</summary>
/// <param name="Bytes">Achieved: the planned arena.</param>
/// <param name="Bound">No placement of these operators, in this order and with these chains, needs less: what must be there together while one of them runs.</param>
/// <param name="WithoutChains">The arena if nothing were streamed.</param>
/// <param name="IsBest">Whether no placement needs less: the bound is reached, or all placements were searched.</param>
/// <param name="Peak">What lies in the arena where the peak arises; outputs and inputs that share bytes are both listed in full.</param>
/// <param name="SharedBytes">Bytes of the peak that are listed twice, since an output is computed over an input.</param>
/// <param name="Chains">Operators that run row by row in turn.</param>
/// <param name="FusedOperators">Operators of the model that have no record: fused, folded, or only another shape of the same bytes.</param>
/// <param name="Reasons">What hinders a smaller arena, in sentences.</param>
public sealed record MemoryReport(
    long Bytes,
    long Bound,
    long WithoutChains,
    bool IsBest,
    IReadOnlyList<PeakOccupant> Peak,
    long SharedBytes,
    IReadOnlyList<ChainReport> Chains,
    int FusedOperators,
    IReadOnlyList<string> Reasons);

/// <summary>What a range of the arena is there for.</summary>
public enum OccupantRole
{
    /// <summary>Read by what runs at the peak.</summary>
    Read,

    /// <summary>Written by it.</summary>
    Written,

    /// <summary>Neither; it is needed later.</summary>
    Kept,

    /// <summary>Scratch of an operator.</summary>
    Scratch,

    /// <summary>Rows of streamed tensors, and the scratch of the chain's members.</summary>
    Streamed,
}

/// <summary>A range of the arena while the peak arises.</summary>
/// <param name="Tensor">The tensor's name in the model; empty for scratch and rows, and where it has none.</param>
/// <param name="Role">What it is there for.</param>
/// <param name="Offset">Where it lies.</param>
/// <param name="Bytes">Its size, rounded up to 16.</param>
/// <param name="IsModelInput">Whether it is an input of the model.</param>
/// <param name="IsModelOutput">Whether it is an output of the model, and so kept to the end.</param>
/// <param name="NeededBy">Index in the .tflite of the last operator that reads it, if that comes after the peak; else null.</param>
public sealed record PeakOccupant(string Tensor, OccupantRole Role, long Offset, long Bytes, bool IsModelInput, bool IsModelOutput, int? NeededBy);

/// <summary>Operators that take turns row by row.</summary>
/// <param name="Row">Index of its row in the report; its members' rows follow.</param>
/// <param name="Members">How many operators.</param>
/// <param name="Height">Rows of the last one's output that a turn computes.</param>
/// <param name="Stripes">Turns.</param>
/// <param name="StreamedBytes">What the tensors would take that are streamed.</param>
/// <param name="WorkingBytes">What their rows and the members' scratch take instead.</param>
public sealed record ChainReport(int Row, int Members, int Height, long Stripes, long StreamedBytes, long WorkingBytes);
