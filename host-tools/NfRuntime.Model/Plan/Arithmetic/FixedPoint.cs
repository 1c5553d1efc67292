using System;

namespace NfRuntime.Model.Plan;

/// <summary>
/// Fixed-point functions on 32-bit words for the tables that are computed ahead of time. Qm.n holds m integer and n = 31 − m
/// fraction bits. The algorithms (barrel-shifted exp, Newton–Raphson reciprocal) are gemmlowp's, so that every bit agrees with
/// the reference kernels; the constants are computed from their definitions.
/// </summary>
internal static class FixedPoint
{
    private const double One = 2147483648.0;

    // exp(-2^e) in Q0.31 for e = -2 ... 3.
    private static readonly int[] ExpOfPowers = CreateExpOfPowers();
    private static readonly int ExpOfMinusEighth = Q(Math.Exp(-0.125), 31);
    private static readonly int OneThird = Q(1.0 / 3.0, 31);

    /// <summary>a × b / 2^31 rounded to nearest, a tie towards +∞; (−2^31)² saturates.</summary>
    public static int MultiplyHigh(int a, int b)
    {
        if (a == int.MinValue && b == int.MinValue)
        {
            return int.MaxValue;
        }

        long product = (long)a * b;
        long nudge = product >= 0 ? 1L << 30 : 1 - (1L << 30);
        return (int)((product + nudge) / (1L << 31));
    }

    /// <summary>x / 2^exponent, half away from zero; exponent 0 to 31.</summary>
    public static int RoundingDivideByPowerOfTwo(int x, int exponent)
    {
        long mask = (1L << exponent) - 1;
        long remainder = x & mask;
        long threshold = (mask >> 1) + (x < 0 ? 1 : 0);
        return (x >> exponent) + (remainder > threshold ? 1 : 0);
    }

    /// <summary>1 / (1 + exp(−x)) in Q0.31 for x in Q4.27.</summary>
    public static int Logistic(int x)
    {
        if (x == 0)
        {
            return 1 << 30;
        }

        int negative = x > 0 ? unchecked(-x) : x;
        int positive = ReciprocalOfOnePlus(ExpOfNegative(negative));
        return x > 0 ? positive : int.MaxValue - positive;
    }

    // exp(x) in Q0.31 for x in Q4.27, x <= 0: x = -remainder + a value in [-1/4, 0).
    private static int ExpOfNegative(int x)
    {
        const int Quarter = 1 << 25;
        int interval = (x & (Quarter - 1)) - Quarter;
        int result = ExpOnQuarter(SaturatingShiftLeft(interval, 4));
        int remainder = unchecked(interval - x);
        for (int i = 0; i < ExpOfPowers.Length; i++)
        {
            if ((remainder & (1 << (25 + i))) != 0)
            {
                result = MultiplyHigh(result, ExpOfPowers[i]);
            }
        }

        return x == 0 ? int.MaxValue : result;
    }

    // exp(x) in Q0.31 for x in [-1/4, 0), Q0.31: Taylor's series of fourth order around -1/8.
    private static int ExpOnQuarter(int x)
    {
        int y = x + (1 << 28);
        int y2 = MultiplyHigh(y, y);
        int y3 = MultiplyHigh(y2, y);
        int y4Over4 = RoundingDivideByPowerOfTwo(MultiplyHigh(y2, y2), 2);
        int tail = RoundingDivideByPowerOfTwo(MultiplyHigh(y4Over4 + y3, OneThird) + y2, 1);
        return ExpOfMinusEighth + MultiplyHigh(ExpOfMinusEighth, y + tail);
    }

    // 1 / (1 + x) in Q0.31 for x in [0, 1], Q0.31: three steps of Newton's method in Q2.29.
    private static int ReciprocalOfOnePlus(int x)
    {
        long sum = (long)x + int.MaxValue;
        int half = (int)((sum + 1) / 2);
        int estimate = Q(48.0 / 17.0, 29) + MultiplyHigh(half, Q(-32.0 / 17.0, 29));
        for (int i = 0; i < 3; i++)
        {
            int error = (1 << 29) - MultiplyHigh(half, estimate);
            estimate += SaturatingShiftLeft(MultiplyHigh(estimate, error), 2);
        }

        return SaturatingShiftLeft(estimate, 1);
    }

    private static int SaturatingShiftLeft(int x, int bits) => (int)Math.Clamp((long)x << bits, int.MinValue, int.MaxValue);

    private static int Q(double value, int fractionBits) => (int)Math.Round(value * Math.ScaleB(1, fractionBits), MidpointRounding.AwayFromZero);

    private static int[] CreateExpOfPowers()
    {
        var table = new int[6];
        for (int i = 0; i < table.Length; i++)
        {
            table[i] = (int)Math.Round(Math.Exp(-Math.ScaleB(1, i - 2)) * One, MidpointRounding.AwayFromZero);
        }

        return table;
    }
}
