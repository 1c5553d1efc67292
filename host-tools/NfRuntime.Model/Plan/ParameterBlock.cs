using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace NfRuntime.Model.Plan;

/// <summary>Writes the fields of a structure one after the other, little-endian; a value outside its field's range is an error.</summary>
internal sealed class ParameterBlock
{
    private readonly List<byte> _bytes = [];

    public int Count => _bytes.Count;

    public byte[] ToArray() => [.. _bytes];

    public ParameterBlock U8(long value) => Append(checked((byte)value), 1);

    public ParameterBlock I8(long value) => Append(checked((sbyte)value), 1);

    public ParameterBlock U16(long value) => Append(checked((ushort)value), 2);

    public ParameterBlock I16(long value) => Append(checked((short)value), 2);

    public ParameterBlock U32(long value) => Append(checked((uint)value), 4);

    public ParameterBlock I32(long value) => Append(checked((int)value), 4);

    public ParameterBlock F32(float value) => Append(BitConverter.SingleToInt32Bits(value), 4);

    public ParameterBlock Zeros(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _bytes.Add(0);
        }

        return this;
    }

    public ParameterBlock Bytes(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    private ParameterBlock Append(long value, int size)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        _bytes.AddRange(bytes[..size]);
        return this;
    }
}
