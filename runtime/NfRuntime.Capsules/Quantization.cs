using System;
using NfRuntime.Native;

namespace NfRuntime.Capsules;

/// <summary>Conversions between real values and int8: q = round(x / scale) + zero point, half away from zero, clamped to −128…127.</summary>
/// <remarks>Rounding as TFLite's QUANTIZE, so that a processor and the reference agree.</remarks>
public static class Quantization
{
    /// <summary>One value to int8. NaN gives the zero point.</summary>
    public static sbyte Quantize(float value, float scale, int zeroPoint)
    {
        float q = value / scale;
        if (float.IsNaN(q))
        {
            return (sbyte)zeroPoint;
        }

        // Beyond 512 the clamp decides whatever the zero point; it keeps the cast below defined.
        if (q > 512f)
        {
            q = 512f;
        }
        else if (q < -512f)
        {
            q = -512f;
        }

        // Not (int)(q + 0.5f): that sum rounds 0.49999997 up to 1.
        int rounded = (int)q;
        float rest = q - rounded;
        if (rest >= 0.5f)
        {
            rounded++;
        }
        else if (rest <= -0.5f)
        {
            rounded--;
        }

        return Clamp(rounded + zeroPoint);
    }

    /// <summary>One int8 to its real value.</summary>
    public static float Dequantize(sbyte q, float scale, int zeroPoint)
    {
        return (q - zeroPoint) * scale;
    }

    /// <summary>Quantizes <paramref name="count"/> values from the start of <paramref name="source"/> into <paramref name="target"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An array is shorter than <paramref name="count"/>.</exception>
    public static void Quantize(float[] source, sbyte[] target, int count, TensorInfo info)
    {
        if (count > source.Length || count > target.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(count));
        }

        for (int i = 0; i < count; i++)
        {
            target[i] = Quantize(source[i], info.Scale, info.ZeroPoint);
        }
    }

    /// <summary>The int8 nearest to <paramref name="value"/>.</summary>
    public static sbyte Clamp(int value)
    {
        if (value > sbyte.MaxValue)
        {
            return sbyte.MaxValue;
        }

        return value < sbyte.MinValue ? sbyte.MinValue : (sbyte)value;
    }
}
