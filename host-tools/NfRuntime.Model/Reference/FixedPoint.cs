using System;

namespace NfRuntime.Model.Reference;

/// <summary>
/// The integer primitives under every quantized operator (SPEC.md §1). Source of the definitions: gemmlowp fixedpoint/fixedpoint.h and
/// tensorflow/lite/kernels/internal/common.cc. All additions and left shifts wrap, as the architecture's decision 4 says.
/// </summary>
internal static class FixedPoint
{
    /// <summary>a × b / 2^31 rounded half up; saturates only for a = b = −2^31. (gemmlowp's sign-dependent nudge and truncating division give the same.)</summary>
    public static int SaturatingRoundingDoublingHighMul(int a, int b)
    {
        if (a == int.MinValue && b == int.MinValue)
        {
            return int.MaxValue;
        }

        return (int)((((long)a * b) + (1L << 30)) >> 31);
    }

    /// <summary>x / 2^exponent rounded to nearest, ties away from zero; exponent 0 to 31.</summary>
    public static int RoundingDivideByPowerOfTwo(int x, int exponent)
    {
        int mask = (int)((1L << exponent) - 1);
        int remainder = x & mask;
        int threshold = (mask >> 1) + (x < 0 ? 1 : 0);
        return (x >> exponent) + (remainder > threshold ? 1 : 0);
    }

    /// <summary>x × 2^exponent, saturated to int32 (exponent 1 to 30).</summary>
    public static int SaturatingLeftShift(int x, int exponent)
    {
        int threshold = (1 << (31 - exponent)) - 1;
        if (x > threshold)
        {
            return int.MaxValue;
        }

        return x < -threshold ? int.MinValue : x << exponent;
    }

    /// <summary>(a + b) / 2 without overflow, ties away from zero.</summary>
    public static int RoundingHalfSum(int a, int b)
    {
        long sum = (long)a + b;
        return (int)((sum + (sum >= 0 ? 1 : -1)) / 2);
    }

    /// <summary>Round half away from zero in float32, then to int32 saturating (NaN gives 0).</summary>
    public static int RoundToInt(float value) => (int)MathF.Round(value, MidpointRounding.AwayFromZero);

    /// <summary>x clamped to low..high (low ≤ high).</summary>
    public static int Clamp(int x, int low, int high) => Math.Max(low, Math.Min(high, x));
}
