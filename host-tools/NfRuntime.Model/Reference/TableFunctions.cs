using System;

namespace NfRuntime.Model.Reference;

/// <summary>
/// Sigmoid and tanh of int16 values by the sigmoid table (SPEC.md §4), results in Q15.
/// Source: tensorflow/lite/kernels/internal/reference/integer_ops/logistic.h, integer_ops/tanh.h.
/// </summary>
internal static class TableFunctions
{
    /// <summary>sigmoid of x × multiplier / 2^shift in steps of 1/(3 × 2^12).</summary>
    public static short Sigmoid(int x, int multiplier, int shift)
    {
        int scaled = Scale(x, multiplier, shift);
        uint magnitude = (uint)Math.Abs(scaled);
        uint segment = magnitude >> 9;
        uint result;
        if (segment >= 255)
        {
            result = 0x7FFF << 10;
        }
        else
        {
            uint from = LookupTables.Sigmoid[(int)segment];
            uint to = LookupTables.Sigmoid[(int)segment + 1];
            result = (from << 9) + ((magnitude & 0x1FF) * (to - from));
        }

        result = scaled >= 0 ? result + (1 << 9) : (1u << 25) - result + (1 << 9) - 1;
        return (short)(result >> 10);
    }

    /// <summary>tanh of x × multiplier / 2^shift in steps of 1/(3 × 2^12), as 2 × sigmoid(2x) − 1.</summary>
    public static short Tanh(int x, int multiplier, int shift)
    {
        int scaled = Scale(x, multiplier, shift);
        uint magnitude = (uint)Math.Abs(scaled);
        uint segment = magnitude >> 8;
        int result;
        if (segment >= 255)
        {
            result = 0xFFFF << 8;
        }
        else
        {
            int from = LookupTables.Sigmoid[(int)segment];
            int to = LookupTables.Sigmoid[(int)segment + 1];
            result = (from << 8) + ((int)(magnitude & 0xFF) * (to - from));
        }

        result = scaled >= 0
            ? result - (1 << 23) + (1 << 7)
            : -result + (1 << 23) + (1 << 7) - 1;
        return (short)(result >> 8);
    }

    private static int Scale(int x, int multiplier, int shift)
    {
        int round = shift > 0 ? 1 << (shift - 1) : 0;
        return ((x * multiplier) + round) >> shift;
    }
}
