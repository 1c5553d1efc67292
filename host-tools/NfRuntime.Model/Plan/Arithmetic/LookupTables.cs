using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Plan;

/// <summary>Tables that a plan carries as constants, computed from their formulas.</summary>
internal static class LookupTables
{
    private const int Entries16 = 513;

    /// <summary>
    /// LOGISTIC int8 as a table indexed by q + 128: fixed point Q4.27 with an input radius beyond which the result is
    /// saturated; output scale 1/256, zero point −128.
    /// </summary>
    /// <param name="input">Per-tensor quantization of the input.</param>
    public static byte[] Logistic8(Quantization input)
    {
        const int IntegerBits = 4;
        QuantizedMultiplier multiplier = QuantizedMultiplier.From(input.Scale * Math.ScaleB(1, 31 - IntegerBits));
        double radius = Math.Floor(InputRadius(IntegerBits, multiplier.Shift));
        return Int8Table(q =>
        {
            int x = q - input.ZeroPoint;
            if (x <= -radius)
            {
                return sbyte.MinValue;
            }

            if (x >= radius)
            {
                return sbyte.MaxValue;
            }

            return FixedPoint.RoundingDivideByPowerOfTwo(FixedPoint.Logistic(multiplier.Apply(x)), 23) - 128;
        });
    }

    /// <summary>int8 → int8 requantization as a table indexed by q + 128.</summary>
    public static byte[] Requantize8(Quantization input, Quantization output)
    {
        QuantizedMultiplier multiplier = QuantizedMultiplier.From((double)input.Scale / output.Scale);
        return Int8Table(q => multiplier.Apply(q - input.ZeroPoint) + output.ZeroPoint);
    }

    /// <summary>
    /// The largest difference, in units of the scaled input, that Q(<paramref name="integerBits"/>) holds after a left shift.
    /// </summary>
    public static double InputRadius(int integerBits, int leftShift) =>
        ((1 << integerBits) - 1) * Math.ScaleB(1, 31 - integerBits - leftShift);

    /// <summary>
    /// uint16[256]: σ(i) = 65536 / (1 + exp(−i / 24)), raised by half the error that interpolation makes in the middle of the
    /// interval; the last entry is 65535. The table of int16 LOGISTIC and of LSTM gates.
    /// </summary>
    public static byte[] Sigmoid16()
    {
        var block = new ParameterBlock();
        for (int i = 0; i < 255; i++)
        {
            double error = Sigmoid(i + 0.5) - ((Sigmoid(i) + Sigmoid(i + 1)) / 2);
            block.U16((long)Math.Floor(Sigmoid(i) + (error / 2) + 0.5));
        }

        return block.U16(ushort.MaxValue).ToArray();
    }

    /// <summary>int16[513]: exp over [−10, 0] in Q0.15.</summary>
    public static byte[] Exp16() => Int16Table(-10f, 0f, x => (float)Math.Exp(x));

    /// <summary>int16[513]: 1 / (1 + x) over [0, 1] in Q0.15.</summary>
    public static byte[] Reciprocal16() => Int16Table(0f, 1f, x => 1f / (1f + x));

    private static double Sigmoid(double i) => 65536.0 / (1.0 + Math.Exp(-i / 24.0));

    // 512 intervals. An entry is lowered by half the error that interpolation would make in the middle of its interval.
    // Single precision throughout: the reference kernels compute the table so.
    private static byte[] Int16Table(float from, float to, Func<float, float> function)
    {
        const int Range = ushort.MaxValue;
        float scale = (to - from) / Range;
        int zeroPoint = from < 0 ? short.MaxValue : short.MinValue;
        float min = scale * (short.MinValue - zeroPoint);
        float max = scale * (short.MaxValue - zeroPoint);
        float step = (max - min) / 512;
        float outputScale = 2.0f / Range;
        float inverse = 65536f / ((outputScale * short.MaxValue) - (outputScale * short.MinValue));
        var block = new ParameterBlock();
        for (int i = 0; i < Entries16 - 1; i++)
        {
            float value = RoundAway(function(min + (i * step)) * inverse);
            float middle = RoundAway(function(min + (i * step) + (step / 2)) * inverse);
            float next = function(min + ((i + 1) * step)) * inverse;
            float interpolated = RoundAway((next + value) / 2);
            block.I16((long)Clamp16(value - RoundAway((interpolated - middle) / 2)));
        }

        return block.I16((long)Clamp16(RoundAway(function(max) * inverse))).ToArray();
    }

    private static byte[] Int8Table(Func<int, int> function)
    {
        var table = new byte[256];
        for (int q = sbyte.MinValue; q <= sbyte.MaxValue; q++)
        {
            table[q + 128] = unchecked((byte)Math.Clamp(function(q), sbyte.MinValue, sbyte.MaxValue));
        }

        return table;
    }

    private static float RoundAway(float value) => MathF.Round(value, MidpointRounding.AwayFromZero);

    private static float Clamp16(float value) => Math.Clamp(value, short.MinValue, short.MaxValue);
}
