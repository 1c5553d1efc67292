using System;

namespace NfRuntime.Agent.Protocol;

/// <summary>
/// Writes a document (PROTOCOL.md §2) into one buffer and allocates nothing. Shortest forms are its business; ascending keys and the
/// counts of maps and arrays are the caller's. What does not fit sets <see cref="HasOverflowed"/>.
/// </summary>
public sealed class CborWriter
{
    private readonly byte[] _buffer;

    /// <param name="buffer">The writer's from now on.</param>
    public CborWriter(byte[] buffer)
    {
        _buffer = buffer;
    }

    public byte[] Buffer
    {
        get { return _buffer; }
    }

    /// <summary>Bytes of the document so far.</summary>
    public int Count { get; private set; }

    public bool HasOverflowed { get; private set; }

    /// <summary>Starts another document.</summary>
    public void Clear()
    {
        Count = 0;
        HasOverflowed = false;
    }

    public void Unsigned(ulong value)
    {
        Head(Cbor.UnsignedType, value);
    }

    public void Integer(long value)
    {
        if (value < 0)
        {
            Head(Cbor.NegativeType, (ulong)(-1 - value));
        }
        else
        {
            Head(Cbor.UnsignedType, (ulong)value);
        }
    }

    public void Truth(bool value)
    {
        Head(Cbor.SimpleType, (ulong)(value ? Cbor.True : Cbor.False));
    }

    public void Bytes(byte[] source, int offset, int count)
    {
        Head(Cbor.BytesType, (ulong)count);
        if (HasRoom(count))
        {
            Array.Copy(source, offset, _buffer, Count, count);
            Count += count;
        }
    }

    /// <summary>A text; its UTF-8 bytes.</summary>
    public void Text(string text)
    {
        int count = Utf8.Count(text);
        Head(Cbor.TextType, (ulong)count);
        if (HasRoom(count))
        {
            Count = Utf8.Write(text, _buffer, Count);
        }
    }

    /// <summary>Begins an array of so many items.</summary>
    public void List(int count)
    {
        Head(Cbor.ArrayType, (ulong)count);
    }

    /// <summary>Begins a map of so many pairs.</summary>
    public void Map(int pairs)
    {
        Head(Cbor.MapType, (ulong)pairs);
    }

    /// <summary>A key and an unsigned value: most of what documents say.</summary>
    public void Pair(int key, ulong value)
    {
        Unsigned((ulong)key);
        Unsigned(value);
    }

    private void Head(int type, ulong argument)
    {
        int width = argument < 24 ? 0 : argument <= 0xFF ? 1 : argument <= 0xFFFF ? 2 : argument <= 0xFFFFFFFF ? 4 : 8;
        if (!HasRoom(1 + width))
        {
            return;
        }

        int low = width == 0 ? (int)argument : width == 1 ? 24 : width == 2 ? 25 : width == 4 ? 26 : 27;
        _buffer[Count++] = (byte)((type << 5) | low);
        for (int i = width - 1; i >= 0; i--)
        {
            _buffer[Count++] = (byte)(argument >> (8 * i));
        }
    }

    private bool HasRoom(int count)
    {
        if (HasOverflowed || count > _buffer.Length - Count)
        {
            HasOverflowed = true;
        }

        return !HasOverflowed;
    }
}
