using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;

namespace NfRuntime.Images.Capsule;

/// <summary>Golden vectors of a capsule; every case has the same sizes.</summary>
/// <param name="InputBytes">All inputs of a case one after the other, ≥ 1.</param>
/// <param name="OutputBytes">All outputs of a case, ≥ 1.</param>
/// <param name="OperatorCount">Operators of the plan, in execution order.</param>
/// <param name="Cases">1…64.</param>
public sealed record GoldenVectors(int InputBytes, int OutputBytes, int OperatorCount, IReadOnlyList<GoldenVector> Cases);

/// <summary>One case.</summary>
/// <param name="ResetState">Reset the state before this case.</param>
/// <param name="Input">Little-endian tensors.</param>
/// <param name="Output">What the reference computes, little-endian tensors.</param>
/// <param name="OperatorCrc32">CRC-32 (zlib) of each operator's output tensor, in execution order.</param>
public sealed record GoldenVector(
    bool ResetState, ReadOnlyMemory<byte> Input, ReadOnlyMemory<byte> Output, IReadOnlyList<uint> OperatorCrc32);

/// <summary>The vectors section: firmware/capsule/SPEC.md, section 5.</summary>
public static class VectorsFile
{
    public const int MaxCases = 64;
    private const string Document = "vectors";
    private const uint Magic = 0x5652464E; // "NFRV"
    private const byte Major = 1;
    private const int HeaderBytes = 24;
    private const uint FlagReset = 1;

    /// <exception cref="ManifestFormatException">A case has other sizes than declared, or a count is outside its range.</exception>
    public static byte[] Write(GoldenVectors vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Magic);
        writer.Write(Major);
        writer.Write((byte)0);
        writer.Write((ushort)Math.Min(vectors.Cases.Count, ushort.MaxValue));
        writer.Write(0u);
        writer.Write(vectors.InputBytes);
        writer.Write(vectors.OutputBytes);
        writer.Write((ushort)Math.Clamp(vectors.OperatorCount, 0, ushort.MaxValue));
        writer.Write((ushort)0);
        for (int i = 0; i < vectors.Cases.Count; i++)
        {
            WriteCase(writer, vectors, i);
        }

        byte[] bytes = stream.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), bytes.Length);
        _ = Read(bytes);
        return bytes;
    }

    /// <exception cref="ManifestFormatException">The bytes break a rule of the format.</exception>
    public static GoldenVectors Read(ReadOnlySpan<byte> bytes)
    {
        var cursor = new ByteCursor(bytes, Document);
        cursor.Require(bytes.Length is >= HeaderBytes and <= (int)SectionEntry.MaxBytes, "size", $"the section has {bytes.Length} bytes");
        cursor.Require(cursor.U32() == Magic, "magic", "not a vectors section");
        byte major = cursor.U8();
        cursor.Require(major == Major, "major", $"major version {major} is unknown", DeviceError.Version);
        _ = cursor.U8();
        ushort cases = cursor.U16();
        cursor.Require(cases is >= 1 and <= MaxCases, "case-count", $"{cases} cases; 1 to {MaxCases} are allowed");
        uint total = cursor.U32();
        cursor.Require(total == (uint)bytes.Length, "total-bytes", $"total_bytes is {total}, the section has {bytes.Length}");
        uint input = cursor.U32();
        uint output = cursor.U32();
        cursor.Require(input >= 1 && output >= 1, "io-bytes", $"{input} input bytes and {output} output bytes");
        ushort operators = cursor.U16();
        cursor.Zeros(2);
        ulong caseBytes = 4 + Padded(input) + Padded(output) + (4ul * operators);
        cursor.Require(HeaderBytes + (caseBytes * cases) == total, "exact-size", $"{cases} cases of {caseBytes} bytes do not make {total}");
        var list = new GoldenVector[cases];
        for (int i = 0; i < cases; i++)
        {
            list[i] = ReadCase(ref cursor, (int)input, (int)output, operators);
        }

        return new GoldenVectors((int)input, (int)output, operators, list);
    }

    private static void WriteCase(BinaryWriter writer, GoldenVectors vectors, int index)
    {
        GoldenVector one = vectors.Cases[index];
        if (one.Input.Length != vectors.InputBytes || one.Output.Length != vectors.OutputBytes || one.OperatorCrc32.Count != vectors.OperatorCount)
        {
            throw new ManifestFormatException(Document, (int)writer.BaseStream.Position, "case-size",
                $"case {index} has {one.Input.Length} input bytes, {one.Output.Length} output bytes and {one.OperatorCrc32.Count} CRCs; "
                + $"{vectors.InputBytes}, {vectors.OutputBytes} and {vectors.OperatorCount} are declared");
        }

        writer.Write(one.ResetState ? FlagReset : 0);
        writer.Write(one.Input.Span);
        writer.Write(new byte[-one.Input.Length & 3]);
        writer.Write(one.Output.Span);
        writer.Write(new byte[-one.Output.Length & 3]);
        foreach (uint crc in one.OperatorCrc32)
        {
            writer.Write(crc);
        }
    }

    private static GoldenVector ReadCase(ref ByteCursor cursor, int inputBytes, int outputBytes, int operators)
    {
        uint flags = cursor.U32();
        cursor.Require((flags & ~FlagReset) == 0, "case-flags", $"flags {flags:x8} has unknown bits");
        byte[] input = cursor.Take(inputBytes).ToArray();
        cursor.PadTo4(inputBytes);
        byte[] output = cursor.Take(outputBytes).ToArray();
        cursor.PadTo4(outputBytes);
        var crcs = new uint[operators];
        foreach (ref uint crc in crcs.AsSpan())
        {
            crc = cursor.U32();
        }

        return new GoldenVector(flags == FlagReset, input, output, crcs);
    }

    private static ulong Padded(uint length) => ((ulong)length + 3) & ~3ul;
}
