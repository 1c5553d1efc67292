using System;

namespace NfRuntime.Model.Reference;

/// <summary>
/// Tables of the int16 paths, by formula (SPEC.md §4). Sources of the definitions: tensorflow/lite/kernels/internal/common.h
/// (sigmoid table, LUTPopulate, LUTLookup), micro/kernels/softmax_common.cc (ranges of the softmax tables).
/// </summary>
internal static class LookupTables
{
    private const int Steps = 512;

    /// <summary>sigmoid(i / 24) × 2^16 for i = 0 … 255, moved by half of the error that linear interpolation makes at the midpoint.</summary>
    public static ReadOnlySpan<ushort> Sigmoid => SigmoidTable;

    /// <summary>exp over −10 … 0 in Q15, 513 entries.</summary>
    public static ReadOnlySpan<short> Exp => ExpTable;

    /// <summary>1 / (1 + x) over 0 … 1 in Q15, 513 entries.</summary>
    public static ReadOnlySpan<short> OneOverOnePlus => OneOverOnePlusTable;

    private static readonly ushort[] SigmoidTable = MakeSigmoid();

    private static readonly short[] ExpTable = MakeInterpolated(
        10.0f / 65535, short.MaxValue, 2.0f / 65535, x => (float)Math.Exp(x));

    private static readonly short[] OneOverOnePlusTable = MakeInterpolated(
        1.0f / 65535, short.MinValue, 2.0f / 65535, x => 1.0f / (1.0f + x));

    /// <summary>Looks up an int16 in a table of 513 entries: 9 bits of index, 7 bits of interpolation.</summary>
    public static short Interpolate(short value, ReadOnlySpan<short> table)
    {
        int index = 256 + (value >> 7);
        int offset = value & 0x7F;
        short slope = (short)(table[index + 1] - table[index]);
        int delta = ((slope * offset) + 64) >> 7;
        return (short)(table[index] + delta);
    }

    private static ushort[] MakeSigmoid()
    {
        ushort[] table = new ushort[256];
        for (int i = 0; i < 255; i++)
        {
            double here = SigmoidAt(i);
            double error = SigmoidAt(i + 0.5) - ((here + SigmoidAt(i + 1)) / 2);
            table[i] = (ushort)Math.Floor(here + (error / 2) + 0.5);
        }

        // The kernels saturate from here on: the last segment ends at the largest value.
        table[255] = ushort.MaxValue;
        return table;
    }

    private static double SigmoidAt(double i) => 65536.0 / (1.0 + Math.Exp(-i / 24.0));

    /// <summary>Every operation in float32, in this order: the rounding of the entries depends on it.</summary>
    private static short[] MakeInterpolated(float inputScale, int inputZeroPoint, float outputScale, Func<float, float> function)
    {
        float inputMin = inputScale * (short.MinValue - inputZeroPoint);
        float inputMax = inputScale * (short.MaxValue - inputZeroPoint);
        float outputMin = outputScale * short.MinValue;
        float outputMax = outputScale * short.MaxValue;
        float step = (inputMax - inputMin) / Steps;
        float halfStep = step / 2;
        float toOutput = 65536.0f / (outputMax - outputMin);
        short[] table = new short[Steps + 1];
        for (int i = 0; i < Steps; i++)
        {
            float value = function(inputMin + (i * step));
            float midpoint = function(inputMin + (i * step) + halfStep);
            float next = function(inputMin + ((i + 1) * step));
            float sample = Round(value * toOutput);
            float interpolated = Round(((next * toOutput) + Round(value * toOutput)) / 2);
            float error = interpolated - Round(midpoint * toOutput);
            table[i] = Saturate(sample - Round(error / 2));
        }

        table[Steps] = Saturate(Round(function(inputMax) * toOutput));
        return table;
    }

    private static float Round(float value) => MathF.Round(value, MidpointRounding.AwayFromZero);

    private static short Saturate(float value) => (short)Math.Clamp(value, short.MinValue, short.MaxValue);
}
