using System;

namespace NfRuntime.Model.Import.Operators;

/// <summary>
/// One direction of a sliding window, with TensorFlow's padding schemes resolved: SAME yields ceil(input / stride) positions and
/// pads what they reach beyond the input, the smaller half first; VALID stays inside the input.
/// </summary>
/// <param name="Direction">"rows" or "columns", for messages.</param>
/// <param name="Input">Input rows or columns.</param>
/// <param name="Kernel">Taps.</param>
/// <param name="Stride">Step between windows.</param>
/// <param name="Dilation">Step between taps.</param>
internal readonly record struct Window(string Direction, int Input, int Kernel, int Stride, int Dilation)
{
    private const int Same = 0;
    private const int Valid = 1;

    // A window longer than this would need padding that no 32-bit tensor holds.
    private const long MaxExtent = 1 << 26;

    private long Extent => ((Kernel - 1L) * Dilation) + 1;

    /// <summary>Elements of padding before the input and windows in the output, or null after a report.</summary>
    public (int Before, int Output)? Resolve(OperatorScope op, int scheme)
    {
        if (!(InRange(op, "stride", Stride) & InRange(op, "dilation", Dilation)))
        {
            return null;
        }

        if (Kernel < 1 || Extent > MaxExtent)
        {
            return Refuse(op, $"has a window of {Kernel} {Direction}, dilated by {Dilation}");
        }

        switch (scheme)
        {
            case Same:
                int output = (int)(((long)Input + Stride - 1) / Stride);
                long total = Math.Max(0, ((output - 1L) * Stride) + Extent - Input);
                return ((int)(total / 2), output);
            case Valid when Extent <= Input:
                return (0, (int)((Input - Extent) / Stride) + 1);
            case Valid:
                return Refuse(op, $"has a window of {Extent} {Direction} over {Input} without padding");
            default:
                return Refuse(op, $"has padding scheme {scheme}; SAME and VALID are supported");
        }
    }

    private static bool InRange(OperatorScope op, string what, int value) =>
        value is >= 1 and <= ImportLimits.MaxWindowStep
        || op.Invalid($"has {what} {value}; 1 to {ImportLimits.MaxWindowStep} is accepted");

    private static (int Before, int Output)? Refuse(OperatorScope op, string sentence)
    {
        op.Invalid(sentence);
        return null;
    }
}
