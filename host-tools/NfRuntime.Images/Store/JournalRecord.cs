using System;
using System.Buffers.Binary;

namespace NfRuntime.Images.Store;

/// <summary>A record as it stands in the journal; its CRC is right.</summary>
/// <param name="Block">Index of its block.</param>
/// <param name="Offset">In the block.</param>
/// <param name="Version">Of its block: says how the content is laid out.</param>
/// <param name="Slot">0 settings, 1 … 0xFFFE a blob or a name, 0xFFFF for SEAL and END.</param>
/// <param name="Type">One of the six.</param>
/// <param name="Content">0 … 247 bytes.</param>
public sealed record JournalRecord(int Block, int Offset, byte Version, ushort Slot, RecordType Type, ReadOnlyMemory<byte> Content)
{
    /// <summary>Bytes that it takes, padding included.</summary>
    public int Size(FlashGeometry geometry) => Size(Content.Length, geometry);

    /// <summary>The record at <paramref name="offset"/> of a block; null when there is none that can be read.</summary>
    internal static JournalRecord? TryRead(ReadOnlyMemory<byte> block, int index, int offset, BlockHeader header)
    {
        ReadOnlySpan<byte> bytes = block.Span;
        if (offset > bytes.Length - JournalFormat.RecordHeadBytes)
        {
            return null;
        }

        int length = bytes[offset + 3];
        int content = offset + JournalFormat.RecordHeadBytes;
        if (length > JournalFormat.MaxContentBytes || length > bytes.Length - content || !Enum.IsDefined((RecordType)bytes[offset + 2]))
        {
            return null;
        }

        uint crc = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(offset + 4)..]);
        return crc == Checksum(bytes.Slice(offset, 4), bytes.Slice(content, length), header.Sequence, offset)
            ? new JournalRecord(index, offset, header.Version, BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]), (RecordType)bytes[offset + 2], block.Slice(content, length))
            : null;
    }

    /// <summary>Bytes that a record with so much content takes.</summary>
    internal static int Size(int content, FlashGeometry geometry) => (JournalFormat.RecordHeadBytes + content + geometry.Align - 1) & -geometry.Align;

    /// <summary>CRC over the sequence of the block, the offset in the block, bytes 0 … 3 and the content.</summary>
    internal static uint Checksum(ReadOnlySpan<byte> head, ReadOnlySpan<byte> content, uint sequence, int offset)
    {
        Span<byte> place = stackalloc byte[12];
        BinaryPrimitives.WriteUInt32LittleEndian(place, sequence);
        BinaryPrimitives.WriteInt32LittleEndian(place[4..], offset);
        head.CopyTo(place[8..]);
        return Crc32.Of(place, content);
    }
}
