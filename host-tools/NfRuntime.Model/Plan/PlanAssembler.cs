using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan.Chains;
using NfRuntime.Model.Plan.Lowering;
using NfRuntime.Model.Plan.Memory;

namespace NfRuntime.Model.Plan;

/// <summary>Puts lowered operators, planned memory and constants together to a <see cref="PlanImage"/>.</summary>
internal sealed class PlanAssembler(Graph graph, ArenaPlan arena, ConstantPool constants)
{
    private readonly List<PlanTensor> _tensors = [];
    private readonly Dictionary<PlanTensor, int> _indices = [];
    private readonly SortedDictionary<int, uint> _stateOffsets = [];
    private long _stateBytes;

    public PlanImage Assemble(IReadOnlyList<LoweredOperator> operators)
    {
        List<PlanIo> inputs = [.. graph.Inputs.Select(Io)];
        List<PlanIo> outputs = [.. graph.Outputs.Select(Io)];
        List<PlanOperator> records = [.. arena.Storage.Steps.SelectMany((step, index) => step.Chain is { } chain ? ChainRecords(chain, index) : [Record(operators[step.First], step.First)])];
        if (arena.Memory.Peak > int.MaxValue || _stateBytes > int.MaxValue)
        {
            throw new CompileException($"the model needs {arena.Memory.Peak} bytes of arena and {_stateBytes} bytes of state; at most {int.MaxValue} are possible");
        }

        return new PlanImage((uint)_stateBytes, (uint)arena.Memory.Peak, _tensors, inputs, outputs, records, constants.ToMemory());
    }

    private PlanOperator Record(LoweredOperator lowered, int index)
    {
        MemoryAlternative way = arena.Ways[index];
        int scratch = way.ScratchBytes == 0
            ? -1
            : IndexOf(new PlanTensor(PlanRegion.Arena, checked((uint)arena.ScratchOffsets[index]), checked((uint)way.ScratchBytes), way.ScratchType, 0));
        return new PlanOperator(
            lowered.Kind,
            lowered.Layout,
            lowered.Node.SourceIndex,
            [.. lowered.Inputs.Select(tensor => tensor < 0 ? -1 : Locate(tensor))],
            Locate(lowered.Output),
            scratch,
            Parameters(lowered, index));
    }

    // The members' rows and scratch lie in the chain's working memory; what they read from outside is whole.
    private IEnumerable<PlanOperator> ChainRecords(Chain chain, int step)
    {
        uint working = Offset(arena.Storage.ScratchRequestOf(step));
        IReadOnlyList<ChainMember> members = chain.Shape.Members;
        int[] none = [-1, -1, -1];
        yield return new PlanOperator(
            PlanKind.Chain,
            WeightLayout.Plain,
            members[^1].Operator.Node.SourceIndex,
            none,
            IndexOf(new PlanTensor(PlanRegion.Arena, working, checked((uint)chain.WorkingBytes), ElementType.Int8, 0)),
            -1,
            ChainParameters.Write(chain));
        for (int i = 0; i < members.Count; i++)
        {
            LoweredOperator lowered = members[i].Operator;
            int scratch = lowered.Scratch.Bytes == 0
                ? -1
                : IndexOf(new PlanTensor(PlanRegion.Arena, checked(working + (uint)chain.ScratchOffset), checked((uint)lowered.Scratch.Bytes), lowered.Scratch.Type, 0));
            int Operand(int tensor) => tensor < 0 ? -1 : chain.Shape.WriterOf(tensor) is >= 0 and int writer ? Streamed(chain, writer, working) : Locate(tensor);
            yield return new PlanOperator(
                lowered.Kind, lowered.Layout, lowered.Node.SourceIndex, [.. lowered.Inputs.Select(Operand)], Operand(lowered.Output), scratch, lowered.Parameters);
        }
    }

    private int Streamed(Chain chain, int member, uint working)
    {
        ChainMember writer = chain.Shape.Members[member];
        long held = chain.HeldRows(member);
        return IndexOf(new PlanTensor(
            PlanRegion.Arena,
            checked(working + (uint)chain.Offsets[member]),
            checked((uint)(held * chain.Shape.RowBytes[member])),
            graph.Tensors[writer.Operator.Output].Type,
            0)
        { Rows = writer.Rows, HeldRows = checked((int)held) });
    }

    // Only now it is known in which order the rows of an output that overlaps its input must come.
    private byte[] Parameters(LoweredOperator lowered, int index)
    {
        int input = arena.Storage.DyingInputOf(index);
        if (arena.Ways[index].Rows is not { } rows || input < 0 || !rows.IsDescending(
            arena.Memory.Offsets[input], graph.Tensors[lowered.Inputs[0]].ByteSize,
            arena.Memory.Offsets[arena.Storage.RequestOf(lowered.Output)], graph.Tensors[lowered.Output].ByteSize))
        {
            return lowered.Parameters;
        }

        byte[] descending = [.. lowered.Parameters];
        descending[rows.FlagsOffset] |= WindowRows.DescendingFlag;
        return descending;
    }

    private PlanIo Io(int tensor)
    {
        Tensor source = graph.Tensors[tensor];
        (float scale, int zeroPoint) = Quantization(source);
        return new PlanIo(Locate(tensor), source.Shape, scale, zeroPoint);
    }

    /// <summary>Scale and zero point as the I/O table has them.</summary>
    public static (float Scale, int ZeroPoint) Quantization(Tensor tensor) => tensor.Type switch
    {
        ElementType.Float32 => (0f, 0),
        ElementType.Int8 or ElementType.Int16 when tensor.Quantization is null => (1f, 0),
        _ => (tensor.Quantization?.Scale ?? 0f, tensor.Quantization?.ZeroPoint ?? 0),
    };

    private int Locate(int index)
    {
        Tensor tensor = graph.Tensors[index];
        uint bytes = (uint)tensor.ByteSize;
        if (tensor.Data is { } data)
        {
            return IndexOf(new PlanTensor(PlanRegion.Constant, constants.Add(data.Span, PlanFormat.Alignment), bytes, tensor.Type, 0));
        }

        return tensor.IsVariable
            ? IndexOf(new PlanTensor(PlanRegion.State, StateOffset(index), bytes, tensor.Type, (short)(tensor.Quantization?.ZeroPoint ?? 0)))
            : IndexOf(new PlanTensor(PlanRegion.Arena, Offset(arena.Storage.RequestOf(index)), bytes, tensor.Type, 0));
    }

    private uint Offset(int request) => checked((uint)arena.Memory.Offsets[request]);

    private uint StateOffset(int tensor)
    {
        if (!_stateOffsets.TryGetValue(tensor, out uint offset))
        {
            offset = checked((uint)_stateBytes);
            _stateOffsets[tensor] = offset;
            _stateBytes = PlanFormat.AlignUp(_stateBytes + graph.Tensors[tensor].ByteSize);
        }

        return offset;
    }

    // Equal ranges of equal type are one entry: a tensor of a plan is a range, not a value.
    private int IndexOf(PlanTensor tensor)
    {
        if (!_indices.TryGetValue(tensor, out int index))
        {
            index = _tensors.Count;
            _tensors.Add(tensor);
            _indices[tensor] = index;
        }

        return index;
    }
}
