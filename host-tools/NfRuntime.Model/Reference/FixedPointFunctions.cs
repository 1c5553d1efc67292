using System;
using System.Numerics;

namespace NfRuntime.Model.Reference;

/// <summary>
/// exp, 1/(1+x) and the logistic function in 32-bit fixed point (SPEC.md §3). "Qm" below means m integer bits: raw = value × 2^(31 − m).
/// Source of the algorithms: gemmlowp fixedpoint/fixedpoint.h; constants are computed here from their mathematical values.
/// </summary>
internal static class FixedPointFunctions
{
    private const int One = int.MaxValue;
    private const int OneQ2 = 1 << 29;

    private static readonly int ExpMinusEighth = FromDouble(Math.Exp(-0.125), 0);
    private static readonly int OneThird = FromDouble(1.0 / 3.0, 0);
    private static readonly int FortyEightSeventeenths = FromDouble(48.0 / 17.0, 2);
    private static readonly int MinusThirtyTwoSeventeenths = FromDouble(-32.0 / 17.0, 2);

    // exp(−1/4), exp(−1/2), exp(−1), … exp(−16): factors of the barrel shifter.
    private static readonly int[] ExpOfPowers = Array.ConvertAll(
        [-2, -1, 0, 1, 2, 3, 4], (int power) => FromDouble(Math.Exp(-Math.ScaleB(1, power)), 0));

    /// <summary>value in fixed point with <paramref name="integerBits"/> integer bits, rounded half away and saturated.</summary>
    public static int FromDouble(double value, int integerBits) =>
        (int)Math.Clamp(Math.Round(Math.ScaleB(value, 31 - integerBits), MidpointRounding.AwayFromZero), int.MinValue, int.MaxValue);

    /// <summary>exp(a) in Q0 for a ≤ 0 in Q<paramref name="integerBits"/> (4 or 5 here).</summary>
    public static int ExpOnNegative(int a, int integerBits)
    {
        int fractionalBits = 31 - integerBits;
        int quarter = 1 << (fractionalBits - 2);
        int modulo = (a & (quarter - 1)) - quarter;
        int result = ExpBetweenMinusQuarterAndZero(FixedPoint.SaturatingLeftShift(modulo, integerBits));
        int remainder = modulo - a;
        for (int power = -2; power < integerBits; power++)
        {
            if ((remainder & (1 << (fractionalBits + power))) != 0)
            {
                result = Mul(result, ExpOfPowers[power + 2]);
            }
        }

        return a == 0 ? One : result;
    }

    /// <summary>1 / (1 + a) in Q0 for a in Q0, 0 ≤ a &lt; 1: three Newton steps from 48/17 − 32/17 × (1 + a)/2.</summary>
    public static int OneOverOnePlus(int a)
    {
        int halfDenominator = FixedPoint.RoundingHalfSum(a, One);
        int x = FortyEightSeventeenths + Mul(halfDenominator, MinusThirtyTwoSeventeenths);
        for (int i = 0; i < 3; i++)
        {
            int error = OneQ2 - Mul(halfDenominator, x);
            x += FixedPoint.SaturatingLeftShift(Mul(x, error), 2);
        }

        return FixedPoint.SaturatingLeftShift(x, 1);
    }

    /// <summary>1 / (1 + exp(−a)) in Q0 for a in Q4.</summary>
    public static int Logistic(int a)
    {
        if (a == 0)
        {
            return 1 << 30;
        }

        int positive = OneOverOnePlus(ExpOnNegative(a > 0 ? -a : a, 4));
        return a > 0 ? positive : One - positive;
    }

    /// <summary>1/x in Q0 for x &gt; 0 in Q12, normalized: the true reciprocal is result × 2^−bitsOverUnit.</summary>
    public static int Reciprocal(int x, out int bitsOverUnit)
    {
        int headroom = BitOperations.LeadingZeroCount((uint)x);
        bitsOverUnit = 12 - headroom;
        return OneOverOnePlus((int)(((uint)x << headroom) - (1u << 31)));
    }

    /// <summary>exp(a) in Q0 for a in Q0, −1/4 ≤ a &lt; 0: Taylor series of fourth order around −1/8.</summary>
    private static int ExpBetweenMinusQuarterAndZero(int a)
    {
        int x = a + (1 << 28);
        int x2 = Mul(x, x);
        int x3 = Mul(x2, x);
        int x4 = Mul(x2, x2);
        int x4Over4 = FixedPoint.RoundingDivideByPowerOfTwo(x4, 2);
        int tail = FixedPoint.RoundingDivideByPowerOfTwo(Mul(x4Over4 + x3, OneThird) + x2, 1);
        return ExpMinusEighth + Mul(ExpMinusEighth, x + tail);
    }

    private static int Mul(int a, int b) => FixedPoint.SaturatingRoundingDoublingHighMul(a, b);
}
