using System;
using NfRuntime.Model.Import.FlatBuffers;

namespace NfRuntime.Model.Import.Schema;

/// <summary>
/// The tables of a .tflite file (schema "TFL3", version 3), read as far as the import asks for them. Field ids are those of
/// tensorflow/compiler/mlir/lite/schema/schema.fbs. What the first subgraph does not use is not read.
/// </summary>
internal sealed class TfliteModel
{
    private readonly FlatTables _buffers;
    private readonly FlatTables _operators;
    private readonly OperatorCode[] _codes;

    private TfliteModel(FlatTable model, FlatTable subgraph)
    {
        _codes = ReadCodes(model.Tables(1, "Model.operator_codes", ImportLimits.MaxOperatorCodes));
        _buffers = model.Tables(4, "Model.buffers", ImportLimits.MaxBuffers);
        Tensors = subgraph.Tables(0, "SubGraph.tensors", ImportLimits.MaxTensors);
        Inputs = subgraph.Int32s(1, "SubGraph.inputs", ImportLimits.MaxModelInputs);
        Outputs = subgraph.Int32s(2, "SubGraph.outputs", ImportLimits.MaxModelInputs);
        _operators = subgraph.Tables(3, "SubGraph.operators", ImportLimits.MaxOperators);
    }

    public FlatTables Tensors { get; }

    public int[] Inputs { get; }

    public int[] Outputs { get; }

    public int OperatorCount => _operators.Count;

    /// <exception cref="MalformedFlatBufferException">The file is no model, or beyond a limit.</exception>
    public static TfliteModel Open(ReadOnlyMemory<byte> file)
    {
        if (file.Length > ImportLimits.MaxFileBytes)
        {
            throw new MalformedFlatBufferException(0, "Model", $"the file has {file.Length} bytes, more than the {ImportLimits.MaxFileBytes} that are accepted");
        }

        FlatTable model = new FlatBuffer(file).Root("TFL3", "Model");
        uint version = model.UInt32(0);
        if (version != 3)
        {
            throw new MalformedFlatBufferException(model.Position, "Model.version", $"the schema version is {version}, not 3");
        }

        FlatTables subgraphs = model.Tables(2, "Model.subgraphs", ImportLimits.MaxSubgraphs);
        return subgraphs.Count > 0
            ? new TfliteModel(model, subgraphs[0])
            : throw new MalformedFlatBufferException(model.Position, "Model.subgraphs", "the model has no subgraph");
    }

    public SourceOperator Operator(int index)
    {
        FlatTable table = _operators[index];
        uint codeIndex = table.UInt32(0);
        if (codeIndex >= _codes.Length)
        {
            throw new MalformedFlatBufferException(
                table.Position, "Operator.opcode_index", $"operator code {codeIndex} is named, but the model has {_codes.Length}");
        }

        OperatorCode code = _codes[codeIndex];
        return new SourceOperator(
            index,
            code.Code,
            code.Name,
            table.Int32s(1, "Operator.inputs", ImportLimits.MaxOperands),
            table.Int32s(2, "Operator.outputs", ImportLimits.MaxOperands),
            table.Byte(3),
            table.Table(4, "Operator.builtin_options"));
    }

    /// <summary>
    /// The bytes of constant buffer <paramref name="index"/>, a slice of the file; empty when the buffer has none, null when
    /// there is no such buffer or its bytes lie behind the FlatBuffer (models over 2 GB).
    /// </summary>
    public ReadOnlyMemory<byte>? Buffer(uint index)
    {
        // Buffer 0 means "none" by the schema's convention, whatever it holds.
        if (index == 0)
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        if (index >= _buffers.Count)
        {
            return null;
        }

        FlatTable buffer = _buffers[(int)index];
        if (buffer.UInt64(1) > 1)
        {
            return null;
        }

        return buffer.Bytes(0, "Buffer.data");
    }

    private static OperatorCode[] ReadCodes(FlatTables tables)
    {
        var codes = new OperatorCode[tables.Count];
        for (int index = 0; index < codes.Length; index++)
        {
            // Old writers know only the first field, which cannot hold codes above 127; new ones write 127 there.
            int code = Math.Max(tables[index].SByte(0), tables[index].Int32(3));
            string custom = tables[index].Text(1, "OperatorCode.custom_code", ImportLimits.MaxNameBytes);
            codes[index] = new OperatorCode(
                code,
                code == SchemaNames.Custom && custom.Length > 0 ? $"custom {custom}" : SchemaNames.Operator(code));
        }

        return codes;
    }

    private readonly record struct OperatorCode(int Code, string Name);
}

/// <summary>One operator as the file has it; tensor indices are not checked yet.</summary>
/// <param name="Index">Index in the operator list.</param>
/// <param name="Code">Builtin operator code.</param>
/// <param name="Name">The code's name, or the custom code.</param>
/// <param name="Inputs">Tensor indices, −1 for an absent one.</param>
/// <param name="Outputs">Tensor indices.</param>
/// <param name="OptionsType">Which member of the union BuiltinOptions, 0 for none.</param>
/// <param name="Options">That member.</param>
internal sealed record SourceOperator(
    int Index, int Code, string Name, int[] Inputs, int[] Outputs, byte OptionsType, FlatTable? Options);
