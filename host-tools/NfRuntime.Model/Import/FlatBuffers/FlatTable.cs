using System;
using System.Globalization;
using System.Text;

namespace NfRuntime.Model.Import.FlatBuffers;

/// <summary>
/// A table whose vtable has been checked. Fields are named by their id in the schema; an absent field yields its default.
/// Every method throws <see cref="MalformedFlatBufferException"/> when the field's bytes are not what the schema says.
/// </summary>
internal readonly struct FlatTable(FlatBuffer buffer, int position, int vtable, int vtableSize, int tableSize, string structure)
{
    public int Position => position;

    public byte Byte(int field, byte absent = 0) => Locate(field, 1) is int at ? buffer.Byte(at) : absent;

    public sbyte SByte(int field) => unchecked((sbyte)Byte(field));

    public bool Boolean(int field) => Byte(field) != 0;

    public int Int32(int field, int absent = 0) => Locate(field, 4) is int at ? buffer.Int32(at) : absent;

    public uint UInt32(int field) => Locate(field, 4) is int at ? buffer.UInt32(at) : 0;

    public ulong UInt64(int field) => Locate(field, 8) is int at ? unchecked((ulong)buffer.Int64(at)) : 0;

    public float Single(int field) => Locate(field, 4) is int at ? BitConverter.Int32BitsToSingle(buffer.Int32(at)) : 0;

    /// <summary>Whether the field is stored at all.</summary>
    public bool Has(int field) => Entry(field) != 0;

    public FlatTable? Table(int field, string name) =>
        Locate(field, 4) is int at ? buffer.TableAt(buffer.Follow(at, name), name) : null;

    /// <summary>A vector of tables, of at most <paramref name="max"/>; empty when absent.</summary>
    public FlatTables Tables(int field, string name, int max)
    {
        (int start, int count) = Vector(field, 4, name, max);
        return new FlatTables(buffer, start, count, name);
    }

    public int[] Int32s(int field, string name, int max)
    {
        (int start, int count) = Vector(field, 4, name, max);
        buffer.Charge(4L * count, start, name);
        var values = new int[count];
        for (int index = 0; index < count; index++)
        {
            values[index] = buffer.Int32(start + (4 * index));
        }

        return values;
    }

    public float[] Singles(int field, string name, int max)
    {
        (int start, int count) = Vector(field, 4, name, max);
        buffer.Charge(4L * count, start, name);
        var values = new float[count];
        for (int index = 0; index < count; index++)
        {
            values[index] = BitConverter.Int32BitsToSingle(buffer.Int32(start + (4 * index)));
        }

        return values;
    }

    public long[] Int64s(int field, string name, int max)
    {
        (int start, int count) = Vector(field, 8, name, max);
        buffer.Charge(8L * count, start, name);
        var values = new long[count];
        for (int index = 0; index < count; index++)
        {
            values[index] = buffer.Int64(start + (8 * index));
        }

        return values;
    }

    /// <summary>A vector of bytes as a slice of the file (not copied, not charged); empty when absent.</summary>
    public ReadOnlyMemory<byte> Bytes(int field, string name)
    {
        (int start, int count) = Vector(field, 1, name, int.MaxValue);
        return count == 0 ? default : buffer.Slice(start, count);
    }

    /// <summary>
    /// A string for messages: at most <paramref name="maxBytes"/> of it; what is no UTF-8, and characters that would steer a
    /// terminal or turn the direction of text, are replaced.
    /// </summary>
    public string Text(int field, string name, int maxBytes)
    {
        (int start, int count) = Vector(field, 1, name, int.MaxValue);
        if (Locate(field, 4) is not null)
        {
            buffer.Require(start, count + 1L, name, "the string has no terminator");
        }

        int kept = Math.Min(count, maxBytes);
        buffer.Charge(kept, start, name);
        return kept == 0 ? "" : Printable(Encoding.UTF8.GetString(buffer.Slice(start, kept).Span));
    }

    // Length and position of the first element. The count is checked against the bytes that remain before anything uses it.
    private (int Start, int Count) Vector(int field, int elementSize, string name, int max)
    {
        if (Locate(field, 4) is not int at)
        {
            return (0, 0);
        }

        int start = buffer.Follow(at, name);
        FlatBuffer.RequireAligned(start, 4, name);
        uint count = buffer.UInt32(start);
        buffer.Require(start + 4L, count * (long)elementSize, name, $"{count} elements of {elementSize} bytes do not fit into the file");
        if (count > max)
        {
            throw new MalformedFlatBufferException(start, name, $"{count} elements are more than the {max} that are accepted");
        }

        if (elementSize == 8 && count > 0)
        {
            FlatBuffer.RequireAligned(start + 4, 8, name);
        }

        return (start + 4, (int)count);
    }

    private int? Locate(int field, int size)
    {
        int entry = Entry(field);
        if (entry == 0)
        {
            return null;
        }

        if (entry < 4 || entry + size > tableSize)
        {
            throw new MalformedFlatBufferException(vtable + 4 + (2 * field), structure, $"field {field} lies outside its table");
        }

        FlatBuffer.RequireAligned(position + entry, size, structure);
        return position + entry;
    }

    private int Entry(int field)
    {
        int slot = 4 + (2 * field);
        return slot + 2 <= vtableSize ? buffer.UInt16(vtable + slot) : 0;
    }

    private static string Printable(string text) =>
        string.Create(text.Length, text, static (span, source) =>
        {
            for (int index = 0; index < span.Length; index++)
            {
                span[index] = char.GetUnicodeCategory(source[index]) is UnicodeCategory.Control or UnicodeCategory.Format
                    or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? '?' : source[index];
            }
        });
}

/// <summary>A vector of tables; elements are checked when they are taken.</summary>
internal readonly struct FlatTables(FlatBuffer buffer, int start, int count, string name)
{
    public int Count => count;

    public FlatTable this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)count, nameof(index));
            return buffer.TableAt(buffer.Follow(start + (4 * index), name), name);
        }
    }
}
