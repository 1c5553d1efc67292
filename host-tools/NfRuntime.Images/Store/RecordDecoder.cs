using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;

namespace NfRuntime.Images.Store;

/// <summary>Contents of records (firmware/store/SPEC.md sections 4 and 7): form and ranges, not references.</summary>
internal static class RecordDecoder
{
    private const int SettingsBytes = 56;
    private const int SettingsBytesV1 = 40;
    private const int BlobBytes = 56;
    private const int NameBytes = 116;
    private const int NameBytesV1 = 80;
    private const int VersionsOffset = 8;
    private const int VersionBytes = 24;
    private const int MaxNameBytes = 64;
    private const int MaxChunks = 512;
    private const int Places = 3;
    private const int SectionSlots = 6;

    /// <summary>Largest blob.</summary>
    public const uint MaxBlobBytes = 16 << 20;

    /// <summary>The content of a SETTINGS, BLOB or NAME record.</summary>
    public static StoreRecord Decode(JournalRecord record)
    {
        ReadOnlySpan<byte> content = record.Content.Span;
        try
        {
            return (record.Type, record.Slot) switch
            {
                (_, JournalFormat.NoSlot) => throw new FormatException("stands in the slot of SEAL and END"),
                (RecordType.Settings, 0) => Settings(content, record.Version),
                (RecordType.Blob, > 0) => Blob(content),
                (RecordType.Name, > 0) => Name(content, record.Version),
                _ => throw new FormatException($"may not stand in slot {record.Slot}"),
            };
        }
        catch (FormatException e)
        {
            return new BrokenRecord(record.Type, e.Message);
        }
    }

    /// <summary>The frontier that a record puts in force, 0xFFFFFFFF when it is too short to say one; null for other types than BLOB, FREE and END.</summary>
    public static uint? Frontier(JournalRecord record)
    {
        int? offset = record.Type switch
        {
            RecordType.Blob => 44,
            RecordType.Free => 0,
            RecordType.End => 4,
            RecordType.Seal or RecordType.Settings or RecordType.Name => null,
            _ => null,
        };
        return offset is not { } at ? null : record.Content.Length >= at + 4 ? U32(record.Content.Span, at) : JournalFormat.NoOffset;
    }

    private static SettingsRecord Settings(ReadOnlySpan<byte> content, byte version)
    {
        bool isFirst = version == JournalFormat.FirstVersion;
        int bytes = isFirst ? SettingsBytesV1 : SettingsBytes;
        Require(content.Length == bytes, $"has {content.Length} bytes, not {bytes}");
        ReadOnlySpan<byte> rest = content[(isFirst ? 16 : 24)..]; // firmware, flags, reserved
        Require(rest[16] <= 1, $"has unknown flags 0x{rest[16]:X2}");
        Zero(rest[17..]);
        return new SettingsRecord(
            Slot(content, 0), U16(content, 2), U32(content, 4), U64(content, 8), isFirst ? 0 : U64(content, 16),
            Convert.ToHexStringLower(rest[..16]), rest[16] == 1);
    }

    private static BlobRecord Blob(ReadOnlySpan<byte> content)
    {
        Require(content.Length >= BlobBytes, $"has {content.Length} bytes, at least {BlobBytes} are needed");
        uint bytes = U32(content, 36);
        byte state = content[48];
        Require(state is >= (byte)BlobState.Writing and <= (byte)BlobState.Bad, $"has the unknown state {state}");
        Require(bytes is >= 1 and <= MaxBlobBytes, $"has a blob of {bytes} bytes");
        Zero(content.Slice(50, 2));
        (int chunks, int written) = (0, 0);
        if (state == (byte)BlobState.Writing)
        {
            (chunks, written) = Chunks(content, bytes);
        }
        else
        {
            Require(content.Length == BlobBytes, $"has {content.Length} bytes, not {BlobBytes}");
        }

        return new BlobRecord(
            Digest.FromBytes(content[..32]), U32(content, 32), bytes, Offset(content, 40), Offset(content, 44), (BlobState)state, U32(content, 52), chunks, written);
    }

    private static (int Chunks, int Written) Chunks(ReadOnlySpan<byte> content, uint bytes)
    {
        byte chunkLog2 = content[49];
        Require(chunkLog2 is >= 9 and <= 15, $"has chunks of 2^{chunkLog2} bytes");
        int chunks = (int)((bytes + (1u << chunkLog2) - 1) >> chunkLog2);
        Require(chunks <= MaxChunks, $"has {chunks} chunks, at most {MaxChunks} are allowed");
        int bitBytes = ((chunks + 31) / 32) * 4;
        Require(content.Length == BlobBytes + bitBytes, $"has {content.Length} bytes, not {BlobBytes + bitBytes}");
        int written = 0;
        ReadOnlySpan<byte> bits = content[BlobBytes..];
        for (int chunk = 0; chunk < bitBytes * 8; chunk++)
        {
            bool isWritten = (bits[chunk / 8] >> (chunk % 8) & 1) != 0;
            Require(!isWritten || chunk < chunks, $"has a bit for chunk {chunk} of {chunks}");
            written += isWritten ? 1 : 0;
        }

        return (chunks, written);
    }

    private static NameRecord Name(ReadOnlySpan<byte> content, byte version)
    {
        int fixedBytes = version == JournalFormat.FirstVersion ? NameBytesV1 : NameBytes;
        Require(content.Length > fixedBytes, $"has {content.Length} bytes, more than {fixedBytes} are needed");
        byte length = content[0];
        Require(length is >= 1 and <= MaxNameBytes, $"has a name of {length} bytes");
        int bytes = fixedBytes + ((length + 3) & ~3);
        Require(content.Length == bytes, $"has {content.Length} bytes, not {bytes}");
        Zero(content.Slice(2, 2));
        Dictionary<VersionPlace, VersionRecord> versions = [];
        for (int place = 0; place < Places; place++)
        {
            ReadOnlySpan<byte> at = content.Slice(VersionsOffset + (place * VersionBytes), VersionBytes);
            if (at[0] != 0)
            {
                versions[(VersionPlace)place] = Version(at);
            }
        }

        ReadOnlySpan<byte> rejected = content[NameBytesV1..fixedBytes];
        ReadOnlySpan<byte> text = content.Slice(fixedBytes, length);
        return new NameRecord(Encoding.UTF8.GetString(text), content[1], U32(content, 4), versions, Rejected(rejected));
    }

    private static RejectedRecord? Rejected(ReadOnlySpan<byte> at) =>
        at.IsEmpty || at[32] == 0 ? null : new RejectedRecord(Digest.FromBytes(at[..32]), (VersionReason)at[32], U16(at, 34));

    private static VersionRecord Version(ReadOnlySpan<byte> at)
    {
        var slots = new ushort?[SectionSlots];
        for (int i = 0; i < SectionSlots; i++)
        {
            slots[i] = Slot(at, 8 + (2 * i));
        }

        return new VersionRecord((VersionState)at[0], (VersionReason)at[1], at[2], at[3], U32(at, 4), slots, U16(at, 20));
    }

    private static ushort? Slot(ReadOnlySpan<byte> content, int offset) => U16(content, offset) is var slot && slot == JournalFormat.NoSlot ? null : slot;

    private static uint? Offset(ReadOnlySpan<byte> content, int offset) => U32(content, offset) is var value && value == JournalFormat.NoOffset ? null : value;

    private static ushort U16(ReadOnlySpan<byte> content, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(content[offset..]);

    private static uint U32(ReadOnlySpan<byte> content, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(content[offset..]);

    private static ulong U64(ReadOnlySpan<byte> content, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(content[offset..]);

    private static void Zero(ReadOnlySpan<byte> bytes) => Require(!bytes.ContainsAnyExcept((byte)0), "has reserved bytes or padding that are not 0");

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new FormatException(otherwise);
        }
    }
}
