using System;
using System.Collections.Generic;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Passes;

/// <summary>TRANSPOSE and PAD of constants.</summary>
internal static class ConstantMovement
{
    public static byte[] Transpose(Tensor input, Tensor output, TransposeAttributes attributes)
    {
        int[] inputStrides = Strides(input.Shape);
        var strides = new int[output.Shape.Count];
        for (int d = 0; d < strides.Length; d++)
        {
            strides[d] = inputStrides[attributes.Permutation[d]];
        }

        int size = input.Type.Size();
        var bytes = new byte[output.ByteSize];
        ReadOnlySpan<byte> source = input.Data!.Value.Span;
        var index = new int[strides.Length];
        for (int element = 0; element < output.ElementCount; element++)
        {
            int from = Dot(index, strides);
            source.Slice(from * size, size).CopyTo(bytes.AsSpan(element * size));
            Increment(index, output.Shape);
        }

        return bytes;
    }

    public static byte[] Pad(Tensor input, Tensor output, PadAttributes attributes)
    {
        int size = input.Type.Size();
        byte[] bytes = Filled(output);
        int[] strides = Strides(output.Shape);
        ReadOnlySpan<byte> source = input.Data!.Value.Span;
        var index = new int[strides.Length];
        int origin = Dot([.. attributes.Before], strides);
        for (int element = 0; element < input.ElementCount; element++)
        {
            int to = origin + Dot(index, strides);
            source.Slice(element * size, size).CopyTo(bytes.AsSpan(to * size));
            Increment(index, input.Shape);
        }

        return bytes;
    }

    // As the reference kernel: the zero point in int8, zero bytes in other types.
    private static byte[] Filled(Tensor tensor)
    {
        var bytes = new byte[tensor.ByteSize];
        if (tensor.Type == ElementType.Int8)
        {
            Array.Fill(bytes, unchecked((byte)(tensor.Quantization?.ZeroPoint ?? 0)));
        }

        return bytes;
    }

    private static int[] Strides(IReadOnlyList<int> shape)
    {
        var strides = new int[shape.Count];
        int stride = 1;
        for (int d = shape.Count - 1; d >= 0; d--)
        {
            strides[d] = stride;
            stride *= shape[d];
        }

        return strides;
    }

    private static int Dot(int[] index, int[] strides)
    {
        int sum = 0;
        for (int d = 0; d < index.Length; d++)
        {
            sum += index[d] * strides[d];
        }

        return sum;
    }

    private static void Increment(int[] index, IReadOnlyList<int> shape)
    {
        for (int d = index.Length - 1; d >= 0; d--)
        {
            if (++index[d] < shape[d])
            {
                return;
            }

            index[d] = 0;
        }
    }
}
