using System;
using System.Buffers.Binary;
using System.IO;
using NfRuntime.Images;

namespace NfRuntime.Fleet.Protocol;

/// <summary>Deltas as bytes: PROTOCOL.md §6.</summary>
public static class DeltaFormat
{
    public const int MaxOperations = 65_535;
    internal const int HeaderBytes = 88;
    private const uint Magic = 0x4452464E; // "NFRD"
    private const byte Major = 1;

    internal static byte[] Header(Digest baseDigest, Digest targetDigest, int baseBytes, int targetBytes, int operations)
    {
        byte[] header = new byte[HeaderBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        header[4] = Major;
        baseDigest.ToByteArray().CopyTo(header, 8);
        targetDigest.ToByteArray().CopyTo(header, 40);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(72), (uint)baseBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(76), (uint)targetBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(80), (uint)operations);
        return header;
    }

    internal static void WriteVarint(Stream stream, uint value)
    {
        while (value >= 0x80)
        {
            stream.WriteByte((byte)(value | 0x80));
            value >>= 7;
        }

        stream.WriteByte((byte)value);
    }

    /// <summary>Makes the target of an untrusted delta.</summary>
    /// <exception cref="ProtocolException">The delta is malformed, for another base, or makes something else than it says.</exception>
    public static byte[] Apply(ReadOnlySpan<byte> delta, ReadOnlySpan<byte> baseBlob)
    {
        (int targetBytes, uint operations) = CheckHeader(delta, baseBlob);
        byte[] target = new byte[targetBytes];
        int at = HeaderBytes;
        int filled = 0;
        for (uint i = 0; i < operations; i++)
        {
            uint head = ReadVarint(delta, ref at);
            long length = head >> 1;
            bool isInsert = (head & 1) != 0;
            ReadOnlySpan<byte> source = isInsert ? delta : baseBlob;
            long from = isInsert ? at : ReadVarint(delta, ref at);
            Require(length >= 1 && length <= targetBytes - filled && from + length <= source.Length, "an operation reaches beyond the end");
            source.Slice((int)from, (int)length).CopyTo(target.AsSpan(filled));
            filled += (int)length;
            at += isInsert ? (int)length : 0;
        }

        Require(filled == targetBytes && at == delta.Length, "the operations do not end where the blobs do");
        Require(Digest.Of(target).ToByteArray().AsSpan().SequenceEqual(delta[40..72]), "the result has another digest");
        return target;
    }

    private static (int TargetBytes, uint Operations) CheckHeader(ReadOnlySpan<byte> delta, ReadOnlySpan<byte> baseBlob)
    {
        Require(delta.Length > HeaderBytes && BinaryPrimitives.ReadUInt32LittleEndian(delta) == Magic, "not a delta");
        if (delta[4] != Major)
        {
            throw new ProtocolException(ProtocolError.Version, $"a delta of version {delta[4]}; {Major} is known");
        }

        uint targetBytes = BinaryPrimitives.ReadUInt32LittleEndian(delta[76..]);
        uint operations = BinaryPrimitives.ReadUInt32LittleEndian(delta[80..]);
        Require(BinaryPrimitives.ReadUInt16LittleEndian(delta[6..]) == 0 && BinaryPrimitives.ReadUInt32LittleEndian(delta[84..]) == 0, "reserved bytes are not 0");
        Require(targetBytes is >= 1 and <= BlockGeometry.MaxBlobBytes && operations is >= 1 and <= MaxOperations, "sizes are out of range");
        Require(BinaryPrimitives.ReadUInt32LittleEndian(delta[72..]) == baseBlob.Length && Digest.Of(baseBlob).ToByteArray().AsSpan().SequenceEqual(delta[8..40]), "it is for another base");
        return ((int)targetBytes, operations);
    }

    private static uint ReadVarint(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            Require(at < bytes.Length, "it ends too early");
            byte next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                Require(value <= uint.MaxValue, "a number is too large");
                return (uint)value;
            }
        }

        throw new ProtocolException(ProtocolError.Document, "delta: a number of more than 5 bytes");
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new ProtocolException(ProtocolError.Document, "delta: " + otherwise);
        }
    }
}
