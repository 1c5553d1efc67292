using System;

namespace NfRuntime.Model.Plan;

/// <summary>Scales that are powers of two, as the table-driven int16 operators want them.</summary>
internal static class PowersOfTwo
{
    /// <summary>n when <paramref name="scale"/> is 2^n within a thousandth of an octave, else null.</summary>
    public static int? Exponent(float scale)
    {
        float exponent = (float)Math.Log(scale) * (1.0f / (float)Math.Log(2.0));
        float rounded = MathF.Round(exponent, MidpointRounding.AwayFromZero);
        return Math.Abs(exponent - rounded) < 1e-3f ? (int)rounded : null;
    }
}
