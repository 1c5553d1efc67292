using System;
using System.Buffers.Binary;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Plan;

/// <summary>
/// Reads a plan blob back. It checks what it needs to read safely (sizes, counts, indices, ranges); what makes a plan safe
/// to run is checked by the device (firmware/engine/SPEC.md §5).
/// </summary>
public static class PlanReader
{
    /// <summary>Parses <paramref name="blob"/>.</summary>
    /// <exception cref="PlanFormatException">The bytes are no plan of a version that this tool knows.</exception>
    public static PlanImage Read(ReadOnlySpan<byte> blob)
    {
        Require(blob.Length >= PlanFormat.HeaderBytes, $"{blob.Length} bytes are too few for a header");
        Header header = ReadHeader(blob);
        PlanTensor[] tensors = ReadTensors(blob, header);
        PlanIo[] io = ReadIo(blob, header);
        PlanOperator[] operators = ReadOperators(blob.Slice(header.OperatorsOffset, header.OperatorsBytes), header);
        return new PlanImage(
            header.StateBytes,
            header.ArenaBytes,
            tensors,
            io[..header.InputCount],
            io[header.InputCount..],
            operators,
            blob.Slice(header.ConstantsOffset, header.ConstantsBytes).ToArray());
    }

    private static Header ReadHeader(ReadOnlySpan<byte> blob)
    {
        Require(U32(blob, 0) == PlanFormat.Magic, "the magic number is wrong");
        Require(blob[4] == PlanFormat.Major, $"major version {blob[4]} is not {PlanFormat.Major}");
        Require(U16(blob, 6) == PlanFormat.HeaderBytes, $"the header has {U16(blob, 6)} bytes");
        Require(U32(blob, 8) == (uint)blob.Length, $"the plan says {U32(blob, 8)} bytes and has {blob.Length}");
        Require((U32(blob, 12) & ~PlanFormat.FeatureChains) == 0, $"features 0x{U32(blob, 12):x} are unknown");
        var header = new Header(
            U32(blob, 16),
            U32(blob, 20),
            Count(U16(blob, 24), PlanFormat.MaxTensors, "tensors"),
            Count(U16(blob, 26), PlanFormat.MaxOperators, "operators"),
            Count(blob[28], PlanFormat.MaxIo, "inputs"),
            Count(blob[29], PlanFormat.MaxIo, "outputs"),
            Section(blob, 32, (long)U16(blob, 24) * PlanFormat.TensorBytes, "tensor table"),
            Section(blob, 36, (long)(blob[28] + blob[29]) * PlanFormat.IoBytes, "I/O table"),
            Section(blob, 40, U32(blob, 44), "operator section"),
            checked((int)U32(blob, 44)),
            Section(blob, 48, U32(blob, 52), "constants"),
            checked((int)U32(blob, 52)));
        return header;
    }

    private static int Count(int count, int max, string what)
    {
        Require(count >= 1 && count <= max, $"{count} {what}; 1 to {max} are possible");
        return count;
    }

    private static int Section(ReadOnlySpan<byte> blob, int field, long bytes, string what)
    {
        long offset = U32(blob, field);
        Require(offset >= PlanFormat.HeaderBytes && offset + bytes <= blob.Length, $"the {what} at {offset} with {bytes} bytes is outside the plan");
        return (int)offset;
    }

    private static PlanTensor[] ReadTensors(ReadOnlySpan<byte> blob, Header header)
    {
        var tensors = new PlanTensor[header.TensorCount];
        for (int i = 0; i < tensors.Length; i++)
        {
            ReadOnlySpan<byte> entry = blob.Slice(header.TensorsOffset + (i * PlanFormat.TensorBytes), PlanFormat.TensorBytes);
            Require(entry[8] <= (int)ElementType.Float32, $"tensor {i} has type {entry[8]}");
            Require(entry[9] <= (int)PlanRegion.Constant, $"tensor {i} lies in region {entry[9]}");
            var tensor = new PlanTensor((PlanRegion)entry[9], U32(entry, 0), U32(entry, 4), (ElementType)entry[8], BinaryPrimitives.ReadInt16LittleEndian(entry[10..]))
            {
                Rows = U16(entry, 12),
                HeldRows = U16(entry, 14),
            };
            long end = tensor.Region switch
            {
                PlanRegion.Arena => header.ArenaBytes,
                PlanRegion.State => header.StateBytes,
                _ => header.ConstantsBytes,
            };
            Require((long)tensor.Offset + tensor.Bytes <= end, $"tensor {i} ends at {(long)tensor.Offset + tensor.Bytes} of {end}");
            tensors[i] = tensor;
        }

        return tensors;
    }

    private static PlanIo[] ReadIo(ReadOnlySpan<byte> blob, Header header)
    {
        var io = new PlanIo[header.InputCount + header.OutputCount];
        for (int i = 0; i < io.Length; i++)
        {
            ReadOnlySpan<byte> entry = blob.Slice(header.IoOffset + (i * PlanFormat.IoBytes), PlanFormat.IoBytes);
            int tensor = U16(entry, 0);
            Require(tensor < header.TensorCount, $"input or output {i} refers to tensor {tensor}");
            Require(entry[2] <= PlanFormat.MaxRank, $"input or output {i} has rank {entry[2]}");
            var shape = new int[entry[2]];
            for (int d = 0; d < shape.Length; d++)
            {
                uint extent = U32(entry, 4 + (d * 4));
                Require(extent is >= 1 and <= int.MaxValue, $"input or output {i} has a dimension of {extent}");
                shape[d] = (int)extent;
            }

            io[i] = new PlanIo(tensor, shape, BinaryPrimitives.ReadSingleLittleEndian(entry[28..]), BinaryPrimitives.ReadInt32LittleEndian(entry[32..]));
        }

        return io;
    }

    private static PlanOperator[] ReadOperators(ReadOnlySpan<byte> section, Header header)
    {
        var operators = new PlanOperator[header.OperatorCount];
        for (int i = 0; i < operators.Length; i++)
        {
            Require(section.Length >= PlanFormat.RecordBytes, $"operator {i} is outside its section");
            var kind = (PlanKind)section[0];
            Require(Enum.IsDefined(kind), $"operator {i} has kind {section[0]}");
            int bytes = PlanFormat.RecordBytes + PlanFormat.ParameterBytes(kind) + MemberBytes(kind, section);
            Require(U16(section, 2) == bytes && section.Length >= bytes, $"operator {i} ({kind}) has {U16(section, 2)} bytes, not {bytes}");
            Require(Enum.IsDefined((WeightLayout)section[1]), $"operator {i} has layout {section[1]}");
            operators[i] = new PlanOperator(
                kind,
                (WeightLayout)section[1],
                U16(section, 4),
                [Tensor(section, 6, header), Tensor(section, 8, header), Tensor(section, 10, header)],
                Tensor(section, 12, header),
                Tensor(section, 14, header),
                section[PlanFormat.RecordBytes..bytes].ToArray());
            section = section[bytes..];
        }

        Require(section.IsEmpty, $"{section.Length} bytes behind the last operator");
        return operators;
    }

    private static int MemberBytes(PlanKind kind, ReadOnlySpan<byte> record)
    {
        if (kind != PlanKind.Chain)
        {
            return 0;
        }

        Require(record.Length >= PlanFormat.RecordBytes + PlanFormat.ParameterBytes(kind), "a chain is outside its section");
        int members = U16(record, PlanFormat.RecordBytes);
        Require(members is >= 2 and <= PlanFormat.MaxChainMembers, $"a chain has {members} members");
        return members * PlanFormat.ChainMemberBytes;
    }

    private static int Tensor(ReadOnlySpan<byte> record, int field, Header header)
    {
        int tensor = U16(record, field);
        Require(tensor == PlanFormat.None16 || tensor < header.TensorCount, $"an operator refers to tensor {tensor}");
        return tensor == PlanFormat.None16 ? -1 : tensor;
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);

    private static void Require(bool condition, string problem)
    {
        if (!condition)
        {
            throw new PlanFormatException(problem);
        }
    }

    private sealed record Header(
        uint StateBytes,
        uint ArenaBytes,
        int TensorCount,
        int OperatorCount,
        int InputCount,
        int OutputCount,
        int TensorsOffset,
        int IoOffset,
        int OperatorsOffset,
        int OperatorsBytes,
        int ConstantsOffset,
        int ConstantsBytes);
}
