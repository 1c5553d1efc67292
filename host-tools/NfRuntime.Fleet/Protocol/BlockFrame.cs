using System;
using System.Buffers.Binary;
using NfRuntime.Images.Store;

namespace NfRuntime.Fleet.Protocol;

/// <summary>How a blob is cut into blocks: PROTOCOL.md §5.</summary>
/// <param name="Bytes">Of the blob, 1 … 16 MiB.</param>
/// <param name="Log2">Of a block's bytes, 10 … 15.</param>
public readonly record struct BlockGeometry(int Bytes, int Log2)
{
    public const int MaxBlobBytes = 16 << 20;
    public const int MaxBlocks = 512;
    public const int MinLog2 = 10;
    public const int MaxLog2 = 15;

    public int Blocks => (int)(((uint)Bytes + (1u << Log2) - 1) >> Log2);

    /// <summary>Bytes of a bit map with one bit a block.</summary>
    public int MapBytes => (Blocks + 7) / 8;

    /// <summary>Whether sizes are in their ranges and at most 512 blocks result.</summary>
    public bool IsValid => Bytes is >= 1 and <= MaxBlobBytes && Log2 is >= MinLog2 and <= MaxLog2 && Blocks <= MaxBlocks;

    /// <summary>The least block size that a device that would like <paramref name="preferred"/> may ask for.</summary>
    public static BlockGeometry For(int bytes, int preferred)
    {
        var geometry = new BlockGeometry(bytes, Math.Clamp(preferred, MinLog2, MaxLog2));
        while (geometry.Blocks > MaxBlocks && geometry.Log2 < MaxLog2)
        {
            geometry = geometry with { Log2 = geometry.Log2 + 1 };
        }

        return geometry;
    }

    /// <summary>Where a block begins and how many bytes it has.</summary>
    public (int Offset, int Length) Block(int index)
    {
        int offset = index << Log2;
        return (offset, Math.Min(1 << Log2, Bytes - offset));
    }
}

/// <summary>One block on its way: PROTOCOL.md §5.2.</summary>
/// <param name="Geometry">Of the blob.</param>
/// <param name="Index">Of the block.</param>
/// <param name="EndsPass">Last frame of a pass.</param>
/// <param name="Data">Exactly the block.</param>
public readonly record struct BlockFrame(BlockGeometry Geometry, int Index, bool EndsPass, ReadOnlyMemory<byte> Data)
{
    public const int HeaderBytes = 16;
    private const byte Magic = 0x42;
    private const byte Version = 1;
    private const int CheckedHeader = 12;

    /// <summary>Writes the frame of a block of <paramref name="blob"/>; returns its length.</summary>
    public static int Write(Span<byte> frame, BlockGeometry geometry, int index, bool endsPass, ReadOnlySpan<byte> blob)
    {
        (int offset, int length) = geometry.Block(index);
        (frame[0], frame[1], frame[2], frame[3]) = (Magic, Version, (byte)geometry.Log2, endsPass ? (byte)1 : (byte)0);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], (uint)index);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[8..], (uint)geometry.Bytes);
        blob.Slice(offset, length).CopyTo(frame[HeaderBytes..]);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[CheckedHeader..], Crc(frame, length));
        return HeaderBytes + length;
    }

    /// <summary>Reads an untrusted frame.</summary>
    /// <exception cref="ProtocolException">Refused: version, sizes, index or CRC.</exception>
    public static BlockFrame Read(ReadOnlyMemory<byte> bytes)
    {
        ReadOnlySpan<byte> frame = bytes.Span;
        if (frame.Length <= HeaderBytes || frame[0] != Magic)
        {
            throw new ProtocolException(ProtocolError.Document, "not a block frame");
        }

        if (frame[1] != Version)
        {
            throw new ProtocolException(ProtocolError.Version, $"a block frame of version {frame[1]}; {Version} is known");
        }

        uint index = BinaryPrimitives.ReadUInt32LittleEndian(frame[4..]);
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(frame[8..]);
        var geometry = new BlockGeometry((int)Math.Min(size, int.MaxValue), frame[2]);
        if (!geometry.IsValid || index >= geometry.Blocks || (frame[3] & ~1) != 0 || frame.Length - HeaderBytes != geometry.Block((int)index).Length)
        {
            throw new ProtocolException(ProtocolError.Document, $"a block frame with index {index} of {size} bytes, k = {frame[2]}, {frame.Length - HeaderBytes} bytes of data");
        }

        return BinaryPrimitives.ReadUInt32LittleEndian(frame[CheckedHeader..]) == Crc(frame, frame.Length - HeaderBytes)
            ? new BlockFrame(geometry, (int)index, (frame[3] & 1) != 0, bytes[HeaderBytes..])
            : throw new ProtocolException(ProtocolError.Document, "a block frame whose CRC is wrong");
    }

    private static uint Crc(ReadOnlySpan<byte> frame, int length) => Crc32.Of(frame[..CheckedHeader], frame.Slice(HeaderBytes, length));
}
