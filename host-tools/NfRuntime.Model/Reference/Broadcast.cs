using System;
using System.Collections.Generic;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>NumPy broadcasting as an index map.</summary>
internal static class Broadcast
{
    /// <summary>For each element of an output of shape <paramref name="output"/>, the index of the element of <paramref name="operand"/> that it reads.</summary>
    /// <exception cref="NotSupportedException">The shapes do not broadcast.</exception>
    public static int[] Map(Tensor operand, Tensor output)
    {
        int[] strides = Strides(operand, output.Shape);
        int[] map = new int[output.ElementCount];
        int[] position = new int[output.Shape.Count];
        int at = 0;
        for (int i = 0; i < map.Length; i++)
        {
            map[i] = at;
            at = Advance(position, output.Shape, strides, at);
        }

        return map;
    }

    /// <summary>Moves <paramref name="position"/> to the next element of <paramref name="shape"/> in row-major order and returns the new offset.</summary>
    public static int Advance(int[] position, IReadOnlyList<int> shape, int[] strides, int at)
    {
        for (int axis = shape.Count - 1; axis >= 0; axis--)
        {
            at += strides[axis];
            if (++position[axis] < shape[axis])
            {
                return at;
            }

            at -= strides[axis] * shape[axis];
            position[axis] = 0;
        }

        return at;
    }

    /// <summary>Row-major strides of a shape, in elements.</summary>
    public static int[] RowMajorStrides(IReadOnlyList<int> shape)
    {
        int[] strides = new int[shape.Count];
        int stride = 1;
        for (int axis = shape.Count - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= shape[axis];
        }

        return strides;
    }

    private static int[] Strides(Tensor operand, IReadOnlyList<int> output)
    {
        int missing = output.Count - operand.Shape.Count;
        int[] own = RowMajorStrides(operand.Shape);
        int[] strides = new int[output.Count];
        for (int axis = 0; axis < own.Length; axis++)
        {
            int size = operand.Shape[axis];
            if (missing < 0 || (size != 1 && size != output[axis + missing]))
            {
                throw new NotSupportedException($"Shape of '{operand.Name}' does not broadcast to the output's.");
            }

            strides[axis + missing] = size == 1 ? 0 : own[axis];
        }

        return strides;
    }
}
