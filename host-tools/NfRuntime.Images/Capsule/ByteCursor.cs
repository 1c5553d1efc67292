using System;
using System.Buffers.Binary;

namespace NfRuntime.Images.Capsule;

/// <summary>Reads little-endian fields of untrusted bytes; every failure names the document, the offset and the rule.</summary>
internal ref struct ByteCursor(ReadOnlySpan<byte> bytes, string document, int origin = 0)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly string _document = document;
    private readonly int _origin = origin;
    private int _position;

    /// <summary>Offset in the document, not in this cursor's part of it.</summary>
    public readonly int Offset => _origin + _position;

    public readonly int Remaining => _bytes.Length - _position;

    public byte U8() => Take(1)[0];

    public ushort U16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public int I32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public long I64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public float F32() => BinaryPrimitives.ReadSingleLittleEndian(Take(4));

    public ReadOnlySpan<byte> Take(int count)
    {
        if (count > Remaining)
        {
            throw Fail("truncated", $"{count} bytes are needed, {Remaining} are left");
        }

        ReadOnlySpan<byte> taken = _bytes.Slice(_position, count);
        _position += count;
        return taken;
    }

    /// <summary>A part of this document with offsets that still count from its beginning.</summary>
    public ByteCursor Part(int count)
    {
        int start = Offset;
        return new ByteCursor(Take(count), _document, start);
    }

    /// <summary>Skips reserved bytes or padding, which are 0.</summary>
    public void Zeros(int count)
    {
        if (Take(count).ContainsAnyExcept((byte)0))
        {
            _position -= count;
            throw Fail("reserved-zero", $"{count} reserved bytes are not 0");
        }
    }

    public void PadTo4(int lengthBefore) => Zeros(-lengthBefore & 3);

    public readonly void Require(bool holds, string rule, string detail, DeviceError error = DeviceError.Corrupt)
    {
        if (!holds)
        {
            throw Fail(rule, detail, error);
        }
    }

    public readonly ManifestFormatException Fail(string rule, string detail, DeviceError error = DeviceError.Corrupt) =>
        new(_document, Offset, rule, detail, error);
}
