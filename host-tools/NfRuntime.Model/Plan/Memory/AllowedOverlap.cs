using System;

namespace NfRuntime.Model.Plan.Memory;

/// <summary>Two requests of which one dies and the other begins at an operator that may compute the second over the first.</summary>
/// <param name="Input">Index of the request whose bytes are last needed at <paramref name="Operator"/>.</param>
/// <param name="Output">Index of the request whose bytes are first needed there.</param>
/// <param name="Operator">The operator, in execution order.</param>
/// <param name="InputBytes">Of the tensor that dies.</param>
/// <param name="OutputBytes">Of the tensor that begins.</param>
/// <param name="Rows">How far they may overlap.</param>
public sealed record AllowedOverlap(int Input, int Output, int Operator, long InputBytes, long OutputBytes, RowOverlap Rows)
{
    /// <summary>The output is this far before the input, rounded up to the alignment; at least one unit of it.</summary>
    public long Before { get; } = PlanFormat.AlignUp(Math.Max(1, Rows.Ascending));

    /// <summary>The output is this far behind the input, likewise.</summary>
    public long Behind { get; } = PlanFormat.AlignUp(Math.Max(1, Rows.Descending));

    /// <summary>Bytes that the two need less than each for itself, at best.</summary>
    public long Saving
    {
        get
        {
            long input = PlanFormat.AlignUp(InputBytes);
            long output = PlanFormat.AlignUp(OutputBytes);
            return input + output - Math.Min(Math.Max(Before + input, output), Math.Max(Behind + output, input));
        }
    }

    /// <summary>Whether the two share bytes at these offsets.</summary>
    public bool IsUsed(long inputOffset, long outputOffset) =>
        inputOffset < outputOffset + OutputBytes && outputOffset < inputOffset + InputBytes;

    /// <summary>Whether rows have to descend at these offsets.</summary>
    public bool IsDescending(long inputOffset, long outputOffset) =>
        IsUsed(inputOffset, outputOffset) && inputOffset - outputOffset < Rows.Ascending;
}
