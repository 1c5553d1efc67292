using System;
using System.Buffers.Binary;

namespace NfRuntime.Model.Import.FlatBuffers;

/// <summary>
/// Bounds-checked access to a FlatBuffer (https://flatbuffers.dev/internals/). Nothing is trusted before it is read: every offset is
/// checked against the file and every count against the bytes that remain. Offsets may still be aliased (many references to
/// one structure), so that the bytes visited are charged to a budget proportional to the file.
/// </summary>
internal sealed class FlatBuffer
{
    private const long BudgetFactor = 4;
    private const long BudgetSlack = 1 << 16;

    private readonly ReadOnlyMemory<byte> _file;
    private long _budget;

    public FlatBuffer(ReadOnlyMemory<byte> file)
    {
        _file = file;
        _budget = (BudgetFactor * file.Length) + BudgetSlack;
    }

    public int Length => _file.Length;

    /// <summary>The root table of a buffer whose file identifier is <paramref name="identifier"/> (four ASCII characters).</summary>
    public FlatTable Root(string identifier, string structure)
    {
        Require(0, 8, structure, "the file is shorter than the 8 bytes of its header");
        for (int index = 0; index < identifier.Length; index++)
        {
            if (_file.Span[4 + index] != identifier[index])
            {
                throw new MalformedFlatBufferException(4, structure, $"the file identifier is not \"{identifier}\"");
            }
        }

        return TableAt(Follow(0, structure), structure);
    }

    /// <summary>A slice of the file, not copied.</summary>
    public ReadOnlyMemory<byte> Slice(int offset, int length) => _file.Slice(offset, length);

    public byte Byte(int offset) => _file.Span[offset];

    public ushort UInt16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(_file.Span[offset..]);

    public int Int32(int offset) => BinaryPrimitives.ReadInt32LittleEndian(_file.Span[offset..]);

    public uint UInt32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_file.Span[offset..]);

    public long Int64(int offset) => BinaryPrimitives.ReadInt64LittleEndian(_file.Span[offset..]);

    /// <summary>Where the unsigned offset stored at <paramref name="offset"/> points to; the stored offset itself is in bounds.</summary>
    public int Follow(int offset, string structure)
    {
        uint distance = UInt32(offset);
        long target = offset + (long)distance;
        if (distance == 0 || target + 4 > Length)
        {
            throw new MalformedFlatBufferException(offset, structure, $"the offset {distance} leads outside the file of {Length} bytes");
        }

        return (int)target;
    }

    /// <summary>Checks a table and its vtable at <paramref name="position"/>.</summary>
    public FlatTable TableAt(int position, string structure)
    {
        RequireAligned(position, 4, structure);
        Require(position, 4, structure, "the table lies outside the file");
        long vtable = position - (long)Int32(position);
        if (vtable < 0 || vtable + 4 > Length || (vtable & 1) != 0)
        {
            throw new MalformedFlatBufferException(position, structure, $"the vtable's position {vtable} is outside the file or odd");
        }

        int vtableSize = UInt16((int)vtable);
        int tableSize = UInt16((int)vtable + 2);
        if (vtableSize < 4 || (vtableSize & 1) != 0 || vtable + vtableSize > Length)
        {
            throw new MalformedFlatBufferException(vtable, structure, $"the vtable's size {vtableSize} is impossible");
        }

        if (tableSize < 4 || position + (long)tableSize > Length)
        {
            throw new MalformedFlatBufferException(vtable + 2, structure, $"the table's size {tableSize} is impossible");
        }

        Charge(tableSize, position, structure);
        return new FlatTable(this, position, (int)vtable, vtableSize, tableSize, structure);
    }

    /// <summary>Throws unless <paramref name="count"/> bytes follow <paramref name="offset"/>.</summary>
    public void Require(long offset, long count, string structure, string sentence)
    {
        if (offset < 0 || count < 0 || offset + count > Length)
        {
            throw new MalformedFlatBufferException(offset, structure, sentence);
        }
    }

    public static void RequireAligned(int offset, int alignment, string structure)
    {
        if (offset % alignment != 0)
        {
            throw new MalformedFlatBufferException(offset, structure, $"the position is not a multiple of {alignment}");
        }
    }

    /// <summary>Counts visited bytes, so that aliased or cyclic offsets cost no more than a few readings of the whole file.</summary>
    public void Charge(long bytes, int offset, string structure)
    {
        _budget -= bytes;
        if (_budget < 0)
        {
            throw new MalformedFlatBufferException(offset, structure, "the same bytes are referred to over and over");
        }
    }
}
