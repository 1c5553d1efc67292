using System;
using NfRuntime.Model.Import.FlatBuffers;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Import.Schema;

/// <summary>Reads QuantizationParameters: affine, per tensor or along one dimension.</summary>
internal static class QuantizationReader
{
    /// <summary>
    /// False when the parameters are unusable (reported to <paramref name="entry"/>); true with null when there are none,
    /// or when the tensor is float32.
    /// </summary>
    public static bool TryRead(FlatTable tensor, ElementType type, int[] shape, TensorEntry entry, out Quantization? quantization)
    {
        quantization = null;
        if (type == ElementType.Float32 || tensor.Table(4, "Tensor.quantization") is not { } table)
        {
            return true;
        }

        if (table.Byte(4) != 0)
        {
            entry.Unsupported("is quantized in a way other than affine");
            return false;
        }

        float[] scales = table.Singles(2, "QuantizationParameters.scale", ImportLimits.MaxChannels);
        if (scales.Length == 0)
        {
            return true;
        }

        long[] zeroPoints = table.Int64s(3, "QuantizationParameters.zero_point", ImportLimits.MaxChannels);
        int axis = scales.Length == 1 || shape.Length == 1 ? 0 : table.Int32(6);
        if (!CheckCounts(scales, zeroPoints, shape, axis, entry) || !CheckScales(scales, entry))
        {
            return false;
        }

        int[]? narrowed = Narrow(zeroPoints, scales.Length, type, entry);
        quantization = narrowed is null ? null : new Quantization(Array.AsReadOnly(scales), Array.AsReadOnly(narrowed), axis);
        return narrowed is not null;
    }

    private static bool CheckCounts(float[] scales, long[] zeroPoints, int[] shape, int axis, TensorEntry entry)
    {
        if (zeroPoints.Length != 0 && zeroPoints.Length != scales.Length)
        {
            entry.Invalid($"has {scales.Length} scales and {zeroPoints.Length} zero points");
            return false;
        }

        if (scales.Length == 1)
        {
            return true;
        }

        if ((uint)axis >= (uint)shape.Length || shape[axis] != scales.Length)
        {
            entry.Invalid($"has {scales.Length} scales along dimension {axis} of shape {Shapes.Text(shape)}");
            return false;
        }

        return true;
    }

    private static bool CheckScales(float[] scales, TensorEntry entry)
    {
        int bad = Array.FindIndex(scales, scale => !float.IsFinite(scale) || scale <= 0);
        if (bad >= 0)
        {
            entry.Invalid($"has scale {scales[bad]:R} (number {bad}); a scale is finite and greater than 0");
        }

        return bad < 0;
    }

    private static int[]? Narrow(long[] zeroPoints, int count, ElementType type, TensorEntry entry)
    {
        (long min, long max) = type switch
        {
            ElementType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
            ElementType.Int16 => (short.MinValue, short.MaxValue),
            _ => ((long)int.MinValue, (long)int.MaxValue),
        };
        var narrowed = new int[count];
        for (int index = 0; index < zeroPoints.Length; index++)
        {
            if (zeroPoints[index] < min || zeroPoints[index] > max)
            {
                entry.Invalid($"has zero point {zeroPoints[index]}, outside the range of {SchemaNames.Name(type)}");
                return null;
            }

            narrowed[index] = (int)zeroPoints[index];
        }

        return narrowed;
    }
}
