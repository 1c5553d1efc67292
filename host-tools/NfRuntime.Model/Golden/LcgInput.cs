using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Golden;

/// <summary>
/// The generator "lcg32-top8" of golden inputs: state = seed; for every element of every model input, in order,
/// state = state × 1664525 + 1013904223 (mod 2³²). One stream runs over all inputs of a case.
/// </summary>
/// <param name="seed">First state.</param>
public sealed class LcgInput(uint seed)
{
    private uint _state = seed;

    /// <summary>The little-endian bytes of every input of <paramref name="graph"/> for one case, in the order of its inputs.</summary>
    /// <exception cref="NotSupportedException">An input has a type for which the generator defines no elements.</exception>
    public static IReadOnlyList<byte[]> ForGraph(Graph graph, uint seed)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var generator = new LcgInput(seed);
        var inputs = new List<byte[]>(graph.Inputs.Count);
        foreach (int index in graph.Inputs)
        {
            Tensor tensor = graph.Tensors[index];
            inputs.Add(generator.Next(tensor.Type, tensor.ElementCount));
        }

        return inputs;
    }

    /// <summary>
    /// The next <paramref name="count"/> elements as little-endian bytes. int8 = state's top byte, int16 = its top half,
    /// float32 = the top byte (signed) / 128.
    /// </summary>
    /// <exception cref="NotSupportedException"><paramref name="type"/> is neither int8, int16 nor float32.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    public byte[] Next(ElementType type, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (type is not (ElementType.Int8 or ElementType.Int16 or ElementType.Float32))
        {
            throw new NotSupportedException($"the golden input generator defines no elements of type {type}");
        }

        var bytes = new byte[checked(count * type.Size())];
        for (int index = 0; index < count; index++)
        {
            Write(bytes, index, type);
        }

        return bytes;
    }

    private void Write(byte[] bytes, int index, ElementType type)
    {
        _state = unchecked((_state * 1664525u) + 1013904223u);
        var top = unchecked((sbyte)(_state >> 24));
        switch (type)
        {
            case ElementType.Int8:
                bytes[index] = unchecked((byte)top);
                break;
            case ElementType.Int16:
                BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(index * 2), (ushort)(_state >> 16));
                break;
            default:
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(index * 4), top / 128f);
                break;
        }
    }
}
