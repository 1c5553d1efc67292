using System;

namespace NfRuntime.Model.Reference;

/// <summary>
/// A real factor as Multiplier × 2^(Shift − 31), Multiplier in 2^30 … 2^31 − 1 or 0 (SPEC.md §2).
/// Source: tensorflow/lite/kernels/internal/quantization_util.cc QuantizeMultiplier, internal/common.cc MultiplyByQuantizedMultiplier (double rounding).
/// </summary>
/// <param name="Multiplier">Mantissa in Q31.</param>
/// <param name="Shift">Exponent, −31 to 30: positive shifts left before the multiplication, negative right after it.</param>
internal readonly record struct QuantizedMultiplier(int Multiplier, int Shift)
{
    /// <summary>Quantizes a factor: mantissa in [0.5, 1) rounded half away to Q31; a mantissa of 2^31 is halved; exponents below −31 flush to 0.</summary>
    /// <exception cref="NotSupportedException">The factor is negative, not finite, or 2^30 or more.</exception>
    public static QuantizedMultiplier From(double factor)
    {
        if (!(factor >= 0) || !double.IsFinite(factor))
        {
            throw new NotSupportedException($"A scale ratio of {factor} has no quantized multiplier.");
        }

        if (factor == 0)
        {
            return new QuantizedMultiplier(0, 0);
        }

        int exponent = Math.ILogB(factor) + 1;
        long mantissa = (long)Math.Round(Math.ScaleB(factor, 31 - exponent), MidpointRounding.AwayFromZero);
        if (mantissa == 1L << 31)
        {
            mantissa /= 2;
            exponent++;
        }

        if (exponent > 30)
        {
            throw new NotSupportedException($"A scale ratio of {factor} is too large for a quantized multiplier.");
        }

        return exponent < -31 ? new QuantizedMultiplier(0, 0) : new QuantizedMultiplier((int)mantissa, exponent);
    }

    /// <summary>As <see cref="From"/>, for the factors that ADD requires to be below 1.</summary>
    /// <exception cref="NotSupportedException">The factor is 0, or its shift is positive.</exception>
    public static QuantizedMultiplier FromBelowOne(double factor)
    {
        QuantizedMultiplier result = From(factor);
        if (factor <= 0 || result.Shift > 0)
        {
            throw new NotSupportedException($"A scale ratio of {factor} must be above 0 and below 1 here.");
        }

        return result;
    }

    /// <summary>x × factor with two roundings: left shift (wrapping), high multiply (rounded), right shift (rounded).</summary>
    public int Apply(int x)
    {
        int left = Shift > 0 ? Shift : 0;
        int right = Shift > 0 ? 0 : -Shift;
        return FixedPoint.RoundingDivideByPowerOfTwo(
            FixedPoint.SaturatingRoundingDoublingHighMul(x * (1 << left), Multiplier), right);
    }

    /// <summary>
    /// x × factor for 64-bit accumulators: the multiplier is reduced to 16 bits (half up, capped at 0x7FFF), then one rounding half up;
    /// the result is truncated to 32 bits. Defined for Shift ≤ 7 and |x| &lt; 2^47.
    /// </summary>
    public int Apply(long x)
    {
        int reduced = Multiplier < 0x7FFF0000 ? (Multiplier + (1 << 15)) >> 16 : 0x7FFF;
        int shift = 15 - Shift;
        return (int)((x * reduced + (1L << (shift - 1))) >> shift);
    }
}
