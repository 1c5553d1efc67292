using System;
using System.Buffers.Binary;

namespace NfRuntime.Images.Store;

/// <summary>The header of a journal's block whose CRC is right (firmware/store/SPEC.md section 1).</summary>
public sealed record BlockHeader
{
    /// <summary>Version of the store's format.</summary>
    public required byte Version { get; init; }

    /// <summary>Whether a snapshot begins here.</summary>
    public required bool IsStart { get; init; }

    /// <summary>Grows with every block that is opened.</summary>
    public required uint Sequence { get; init; }

    /// <summary>Index; 0xFFFF with the first block of all.</summary>
    public required ushort PreviousBlock { get; init; }

    /// <summary>Where the previous block's records end: bytes from that block's start.</summary>
    public required int PreviousEnd { get; init; }

    public required uint PreviousSequence { get; init; }

    /// <summary>Identity of the device.</summary>
    public required ulong Device { get; init; }

    public required FlashGeometry Geometry { get; init; }

    /// <summary>Whether flags and reserved fields are what this version knows.</summary>
    public required bool IsPlain { get; init; }

    /// <summary>The header at the beginning of <paramref name="bytes"/>; null when there is none, or it is damaged.</summary>
    public static BlockHeader? TryRead(ReadOnlySpan<byte> bytes)
    {
        if (!HasMagic(bytes))
        {
            return null;
        }

        uint crc = BinaryPrimitives.ReadUInt32LittleEndian(bytes[JournalFormat.HeaderCrcOffset..]);
        return crc == Crc32.Of(bytes[..JournalFormat.HeaderCrcOffset]) ? Read(bytes) : null;
    }

    /// <summary>Whether a header begins here, damaged or not.</summary>
    public static bool HasMagic(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= JournalFormat.HeaderBytes && BinaryPrimitives.ReadUInt32LittleEndian(bytes) == JournalFormat.Magic;

    private static BlockHeader Read(ReadOnlySpan<byte> bytes)
    {
        byte alignLog2 = bytes[38];
        return new BlockHeader
        {
            Version = bytes[4],
            IsStart = (bytes[5] & JournalFormat.StartFlag) != 0,
            Sequence = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
            PreviousBlock = BinaryPrimitives.ReadUInt16LittleEndian(bytes[12..]),
            PreviousEnd = BinaryPrimitives.ReadUInt16LittleEndian(bytes[14..]) << Math.Min(alignLog2, (byte)8),
            PreviousSequence = BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]),
            Device = BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]),
            Geometry = new FlashGeometry(
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[32..]),
                BinaryPrimitives.ReadUInt16LittleEndian(bytes[36..]),
                alignLog2,
                bytes[39],
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[40..]),
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[44..])),
            IsPlain = bytes[5] <= JournalFormat.StartFlag && !bytes[6..8].ContainsAnyExcept((byte)0)
                && !bytes[20..24].ContainsAnyExcept((byte)0) && !bytes[48..JournalFormat.HeaderCrcOffset].ContainsAnyExcept((byte)0),
        };
    }
}
