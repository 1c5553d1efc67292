using System;

namespace NfRuntime.Model.Reference;

/// <summary>Source: tensorflow/lite/kernels/internal/quantization_util.cc CheckedLog2.</summary>
internal static class PowerOfTwo
{
    /// <summary>Whether log2 of <paramref name="value"/> (float32) is within 1/1000 of an integer, <paramref name="power"/>.</summary>
    public static bool IsNear(float value, out int power)
    {
        float log2 = MathF.Log(value) * (1.0f / MathF.Log(2.0f));
        float rounded = MathF.Round(log2, MidpointRounding.AwayFromZero);
        power = (int)rounded;
        return MathF.Abs(log2 - rounded) < 1e-3f;
    }
}
