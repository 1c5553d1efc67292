using System;

namespace NfRuntime.Model.Plan.Memory;

/// <summary>
/// How far the output of a window operator may overlap its input, when that dies there: no row may be overwritten that is
/// still to be read (firmware/engine/SPEC.md §3).
/// </summary>
/// <param name="Ascending">With ascending rows the output starts at least so many bytes before the input.</param>
/// <param name="Descending">With descending rows the output starts at least so many bytes behind the input's start.</param>
public readonly record struct RowOverlap(long Ascending, long Descending);

/// <summary>The rows of a window operator of one batch.</summary>
/// <param name="InputRows">Rows of the input.</param>
/// <param name="OutputRows">Rows of the output.</param>
/// <param name="Stride">Input rows between windows.</param>
/// <param name="PadTop">Rows of padding above the input.</param>
/// <param name="Reach">Rows from the first of a window through its last.</param>
/// <param name="Together">Rows whose input a kernel reads before it writes the first of them; at least 1.</param>
/// <param name="FlagsOffset">Where in the record's parameters the flags are.</param>
internal sealed record WindowRows(int InputRows, int OutputRows, int Stride, int PadTop, int Reach, int Together, int FlagsOffset)
{
    /// <summary>The flag of a record whose rows descend.</summary>
    public const byte DescendingFlag = 1;

    private const int TileRows = 4;

    /// <summary>Rows that are computed together where an output row has so many elements: several where it has one.</summary>
    public static int TogetherAt(int outputWidth) => outputWidth == 1 ? TileRows : 1;

    /// <summary>Looks at every row, as the definition does.</summary>
    public RowOverlap Overlap(long inputBytes, long outputBytes)
    {
        long inputRow = inputBytes / InputRows;
        long outputRow = outputBytes / OutputRows;
        (long ascending, long descending) = (0, 0);
        for (int y = 0; y < OutputRows; y++)
        {
            long start = Math.Clamp(((long)y * Stride) - PadTop, 0, InputRows);
            long end = Math.Clamp(((long)y * Stride) - PadTop + Reach, 0, InputRows);
            ascending = Math.Max(ascending, (Math.Min(y + Together, OutputRows) * outputRow) - (start * inputRow));
            descending = Math.Max(descending, (end * inputRow) - (Math.Max(y - Together + 1, 0) * outputRow));
        }

        return new RowOverlap(ascending, descending);
    }

    /// <summary>Whether an output that shares bytes with its input needs descending rows at these offsets.</summary>
    public bool IsDescending(long input, long inputBytes, long output, long outputBytes) =>
        input < output + outputBytes && output < input + inputBytes && input - output < Overlap(inputBytes, outputBytes).Ascending;
}
