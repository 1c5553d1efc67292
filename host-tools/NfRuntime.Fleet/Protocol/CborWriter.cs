using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace NfRuntime.Fleet.Protocol;

/// <summary>Writes the CBOR of PROTOCOL.md §2: definite lengths, shortest integers. The caller writes a map's keys in ascending order.</summary>
internal sealed class CborWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();

    /// <summary>Begins a map of so many pairs.</summary>
    public CborWriter Map(int pairs) => Head(CborMajor.Map, (ulong)pairs);

    /// <summary>Begins an array of so many items.</summary>
    public CborWriter Array(int items) => Head(CborMajor.Array, (ulong)items);

    public CborWriter UInt(ulong value) => Head(CborMajor.Unsigned, value);

    public CborWriter Int(long value) => value >= 0 ? UInt((ulong)value) : Head(CborMajor.Negative, (ulong)~value);

    public CborWriter Bool(bool value) => Raw([value ? CborMajor.True : CborMajor.False]);

    public CborWriter Bytes(ReadOnlySpan<byte> value) => Head(CborMajor.Bytes, (ulong)value.Length).Raw(value);

    public CborWriter Text(string value)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(value);
        return Head(CborMajor.Text, (ulong)utf8.Length).Raw(utf8);
    }

    /// <summary>A key of a map; its value follows.</summary>
    public CborWriter Key(ulong key) => UInt(key);

    private CborWriter Head(int major, ulong value)
    {
        Span<byte> head = stackalloc byte[9];
        int length = value switch
        {
            < CborMajor.OneByte => 1,
            <= byte.MaxValue => 2,
            <= ushort.MaxValue => 3,
            <= uint.MaxValue => 5,
            _ => 9,
        };
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(number, value);
        number[(9 - length)..].CopyTo(head[1..]);
        head[0] = (byte)((major << 5) | length switch { 1 => (int)value, 2 => CborMajor.OneByte, 3 => 25, 5 => 26, _ => 27 });
        return Raw(head[..length]);
    }

    private CborWriter Raw(ReadOnlySpan<byte> bytes)
    {
        _buffer.Write(bytes);
        return this;
    }
}

/// <summary>Major types and simple values of RFC 8949 that the protocol uses.</summary>
internal static class CborMajor
{
    public const int Unsigned = 0;
    public const int Negative = 1;
    public const int Bytes = 2;
    public const int Text = 3;
    public const int Array = 4;
    public const int Map = 5;
    public const int Simple = 7;
    public const int OneByte = 24;
    public const byte False = 0xF4;
    public const byte True = 0xF5;
}
