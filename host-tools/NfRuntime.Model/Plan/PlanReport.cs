using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Model.Plan;

/// <summary>What a plan costs. All sizes in bytes.</summary>
/// <param name="Rows">One an operator, in execution order.</param>
/// <param name="PlanBytes">The whole blob.</param>
/// <param name="ConstantBytes">Weights, biases, multipliers, shifts and tables in the blob.</param>
/// <param name="StateBytes">Kept between inferences.</param>
/// <param name="ArenaBytes">Transient: the planned peak.</param>
/// <param name="LivenessBound">No plan of this order of operators and these chains can have a smaller arena.</param>
/// <param name="PeakOperator">Index of the row at which the arena is used to its end: an operator's, or its chain's.</param>
/// <param name="ScratchBytes">The largest scratch of an operator; part of the arena.</param>
/// <param name="InPlaceOperators">Operators whose output takes the place of an input.</param>
/// <param name="OverlappingOperators">Operators that compute their output over a part of their input, row by row.</param>
/// <param name="ModelConstantBytes">All constant tensors of the source model.</param>
/// <param name="Memory">Why the arena is as large as it is.</param>
public sealed record PlanReport(
    IReadOnlyList<PlanReportRow> Rows,
    long PlanBytes,
    long ConstantBytes,
    long StateBytes,
    long ArenaBytes,
    long LivenessBound,
    int PeakOperator,
    long ScratchBytes,
    int InPlaceOperators,
    int OverlappingOperators,
    long ModelConstantBytes,
    MemoryReport Memory)
{
    /// <summary>Multiply-accumulates of one inference, padding counted as if it were there.</summary>
    public long Macs => Rows.Sum(row => row.Macs);

    /// <summary>Weights proper, without biases, multipliers and tables.</summary>
    public long WeightBytes => Rows.Sum(row => row.WeightBytes);

    /// <summary>Header, tables and records.</summary>
    public long OverheadBytes => PlanBytes - ConstantBytes;

    /// <summary>Plan bytes / constant tensors of the model; 0 when the model has none.</summary>
    public double SizeRatio => ModelConstantBytes == 0 ? 0 : (double)PlanBytes / ModelConstantBytes;
}

/// <summary>One operator of a <see cref="PlanReport"/>.</summary>
/// <param name="Index">Position in execution order.</param>
/// <param name="SourceOperator">Index in the .tflite.</param>
/// <param name="Kind">Kind of the record.</param>
/// <param name="OutputShape">Dimensions of the output.</param>
/// <param name="Macs">Multiply-accumulates.</param>
/// <param name="WeightBytes">Weights proper.</param>
/// <param name="LiveBytes">Arena bytes in use while it runs, each tensor rounded up to 16, what can overlap counted once.</param>
public sealed record PlanReportRow(int Index, int SourceOperator, PlanKind Kind, IReadOnlyList<int> OutputShape, long Macs, long WeightBytes, long LiveBytes)
{
    /// <summary>Members of a CHAIN, whose rows follow; else 0.</summary>
    public int Members { get; init; }

    /// <summary>Rows of its output that are there at a time, where it is streamed to the next members of its chain; else 0.</summary>
    public long HeldRows { get; init; }
}
