using System;

namespace NfRuntime.Model.Reference;

/// <summary>
/// How an int8 input enters the fixed-point functions: its multiplier, and the radius beyond which it is cut off (SPEC.md §3).
/// Source: tensorflow/lite/kernels/internal/quantization_util.cc CalculateInputRadius.
/// </summary>
/// <param name="Multiplier">Brings q − z into fixed point.</param>
/// <param name="Radius">The largest |q − z| that fits there.</param>
internal readonly record struct ScaledInput(QuantizedMultiplier Multiplier, int Radius)
{
    /// <summary>Prepares a ratio of input scale × 2^(31 − integerBits).</summary>
    /// <exception cref="NotSupportedException">The ratio is below 1/2: no kernel defines the radius there.</exception>
    public static ScaledInput From(double ratio, int integerBits)
    {
        if (ratio >= 1 << 30)
        {
            // The radius is 0 from here on: nothing but a difference of 0 can pass, and that stays 0 under any multiplier.
            return new ScaledInput(new QuantizedMultiplier(int.MaxValue, 30), 0);
        }

        QuantizedMultiplier multiplier = QuantizedMultiplier.From(ratio);
        if (multiplier.Shift < 0)
        {
            throw new NotSupportedException($"The input's scale is too small (ratio {ratio}).");
        }

        double largest = 1.0 * ((1 << integerBits) - 1) * (1L << (31 - integerBits)) / (1L << multiplier.Shift);
        return new ScaledInput(multiplier, (int)Math.Floor(largest));
    }
}
