using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Images.Store;

namespace NfRuntime.Images.Tests.Store;

/// <summary>Writes a flash file as firmware/store/SPEC.md says, for tests: journal region, then blob region.</summary>
internal sealed class FlashWriter
{
    public const ushort None = 0xFFFF;
    public const uint NoOffset = 0xFFFFFFFF;
    private readonly List<uint> _sequences = [];
    private int _block = -1;
    private int _previousEnd;

    public FlashWriter(FlashGeometry geometry, ulong device = 0x5F1C0A22A7E40B13)
    {
        (Geometry, Device) = (geometry, device);
        Bytes = new byte[geometry.JournalBytes + geometry.BlobBytes];
        Bytes.AsSpan().Fill(0xFF);
        _sequences.AddRange(Enumerable.Repeat(0u, geometry.JournalBlocks));
    }

    public FlashGeometry Geometry { get; }

    public ulong Device { get; set; }

    public byte Version { get; set; } = 2;

    /// <summary>Flags of the next headers besides START.</summary>
    public byte Flags { get; set; }

    public byte[] Bytes { get; }

    /// <summary>Sequence of the next block that is opened.</summary>
    public uint Sequence { get; set; } = 1;

    /// <summary>Where the next record goes, in the file.</summary>
    public int Position { get; private set; }

    /// <summary>Where the last record begins, in the file.</summary>
    public int LastRecord { get; private set; }

    /// <summary>Opens a block behind the one that is open.</summary>
    public FlashWriter Open(int block, bool start = false)
    {
        Span<byte> header = Block(block);
        header.Fill(0xFF);
        header = header[..64];
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0x4A52464E);
        header[4] = Version;
        header[5] = (byte)(Flags | (start ? 1 : 0));
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Sequence);
        BinaryPrimitives.WriteUInt16LittleEndian(header[12..], _block < 0 ? None : (ushort)_block);
        BinaryPrimitives.WriteUInt16LittleEndian(header[14..], _block < 0 ? (ushort)0 : (ushort)((_previousEnd - BlockOffset(_block)) >> Geometry.AlignLog2));
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], _block < 0 ? 0 : _sequences[_block]);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], Device);
        BinaryPrimitives.WriteUInt32LittleEndian(header[32..], Geometry.JournalBlockBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(header[36..], (ushort)Geometry.JournalBlocks);
        header[38] = Geometry.AlignLog2;
        header[39] = Geometry.GrainLog2;
        BinaryPrimitives.WriteUInt32LittleEndian(header[40..], Geometry.BlobBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(header[44..], Geometry.BlobBlockBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(header[60..], Crc(header[..60]));
        (_block, _sequences[block], Position) = (block, Sequence++, BlockOffset(block) + 64);
        _previousEnd = Position;
        return this;
    }

    /// <summary>A record of the open block.</summary>
    /// <param name="slot">Of the record.</param>
    /// <param name="type">Of the record.</param>
    /// <param name="content">Of the record.</param>
    /// <param name="counts">False: the next block's `previous end` will lie before it.</param>
    public FlashWriter Add(ushort slot, RecordType type, byte[] content, bool counts = true)
    {
        var record = new byte[8 + content.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(record, slot);
        record[2] = (byte)type;
        record[3] = (byte)content.Length;
        content.CopyTo(record, 8);
        var checkedBytes = new byte[12 + content.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(checkedBytes, _sequences[_block]);
        BinaryPrimitives.WriteInt32LittleEndian(checkedBytes.AsSpan(4), Position - BlockOffset(_block));
        record.AsSpan(0, 4).CopyTo(checkedBytes.AsSpan(8));
        content.CopyTo(checkedBytes, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(4), Crc(checkedBytes));
        record.CopyTo(Bytes, Position);
        LastRecord = Position;
        Position += (record.Length + Geometry.Align - 1) & -Geometry.Align;
        if (counts)
        {
            _previousEnd = Position;
        }

        return this;
    }

    public FlashWriter Seal(bool counts = true) => Add(None, RecordType.Seal, [], counts);

    /// <summary>END and two seals.</summary>
    public FlashWriter End(uint count, uint frontier = NoOffset, int seals = 2)
    {
        Add(None, RecordType.End, StoreContents.U32s(count, frontier));
        for (int i = 0; i < seals; i++)
        {
            Seal();
        }

        return this;
    }

    /// <summary>Leaves a place of A bytes that cannot be read.</summary>
    public FlashWriter Hole()
    {
        Bytes.AsSpan(Position, Geometry.Align).Fill(0x5A);
        Position += Geometry.Align;
        return this;
    }

    /// <summary>Bytes of a blob.</summary>
    public FlashWriter Put(uint offset, byte[] content)
    {
        content.CopyTo(Bytes, Geometry.JournalBytes + offset);
        return this;
    }

    /// <summary>The bytes of a journal's block.</summary>
    public Span<byte> Block(int block) => Bytes.AsSpan(BlockOffset(block), (int)Geometry.JournalBlockBytes);

    private int BlockOffset(int block) => block * (int)Geometry.JournalBlockBytes;

    // Bit by bit: not the reader's table.
    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1)));
            }
        }

        return ~crc;
    }
}
