using System;
using System.Buffers.Binary;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Passes;

/// <summary>QUANTIZE of a float32 constant to int8 or int16: x / scale in float32, half away from zero.</summary>
internal static class ConstantQuantization
{
    /// <summary>The bytes, or null when this is another conversion.</summary>
    public static byte[]? Quantize(Tensor input, Tensor output)
    {
        if (input.Type != ElementType.Float32 || output.Quantization is not { IsPerChannel: false } quantization
            || output.Type is not (ElementType.Int8 or ElementType.Int16))
        {
            return null;
        }

        (int min, int max) = output.Type == ElementType.Int8 ? (sbyte.MinValue, sbyte.MaxValue) : (short.MinValue, short.MaxValue);
        var bytes = new byte[output.ByteSize];
        ReadOnlySpan<byte> source = input.Data!.Value.Span;
        for (int i = 0; i < output.ElementCount; i++)
        {
            float value = BinaryPrimitives.ReadSingleLittleEndian(source[(i * 4)..]);
            float steps = MathF.Round(value / quantization.Scale, MidpointRounding.AwayFromZero);
            if (!(Math.Abs(steps) < 1 << 30))
            {
                return null;
            }

            int q = Math.Clamp((int)steps + quantization.ZeroPoint, min, max);
            if (output.Type == ElementType.Int8)
            {
                bytes[i] = unchecked((byte)q);
            }
            else
            {
                BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(i * 2), (short)q);
            }
        }

        return bytes;
    }
}
