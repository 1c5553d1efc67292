using System;

namespace NfRuntime.Model.Plan;

/// <summary>
/// A real factor as a Q31 mantissa and a power of two: factor ≈ Mantissa × 2^(Shift − 31), Mantissa in [2^30, 2^31) or 0
/// (firmware/engine/SPEC.md §2; Jacob et al., "Quantization and Training of Neural Networks…", 2018, §2.2).
/// </summary>
/// <param name="Mantissa">Not negative.</param>
/// <param name="Shift">−31 to 30 once checked; positive is to the left.</param>
public readonly record struct QuantizedMultiplier(int Mantissa, int Shift)
{
    private const double TwoTo31 = 2147483648.0;

    /// <summary>Rounds the mantissa half away from zero; a factor too small for a shift of −31 is 0.</summary>
    /// <param name="factor">Finite and not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is negative, infinite or not a number.</exception>
    public static QuantizedMultiplier From(double factor)
    {
        if (!double.IsFinite(factor) || factor < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(factor), factor, "a multiplier is finite and not negative");
        }

        if (factor == 0)
        {
            return new QuantizedMultiplier(0, 0);
        }

        int shift = Math.ILogB(factor) + 1;
        double fraction = Math.ScaleB(factor, -shift);
        long mantissa = (long)Math.Round(fraction * TwoTo31, MidpointRounding.AwayFromZero);
        if (mantissa == 1L << 31)
        {
            mantissa >>= 1;
            shift++;
        }

        return shift < PlanFormat.MinShift ? new QuantizedMultiplier(0, 0) : new QuantizedMultiplier((int)mantissa, shift);
    }

    /// <summary>Whether the shift is one that a plan can hold.</summary>
    public bool IsRepresentable => Shift is >= PlanFormat.MinShift and <= PlanFormat.MaxShift;

    /// <summary>x × factor with double rounding; the left shift wraps modulo 2^32.</summary>
    public int Apply(int x)
    {
        int left = Math.Max(Shift, 0);
        int right = Math.Max(-Shift, 0);
        return FixedPoint.RoundingDivideByPowerOfTwo(FixedPoint.MultiplyHigh(unchecked(x << left), Mantissa), right);
    }
}
