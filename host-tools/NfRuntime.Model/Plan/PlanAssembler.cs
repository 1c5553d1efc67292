using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
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
        List<PlanOperator> records = [.. operators.Select(Record)];
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
