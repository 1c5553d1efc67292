using System;
using System.Collections.Generic;
using NfRuntime.Model.Import.FlatBuffers;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Import.Schema;

/// <summary>The subgraph's tensors, converted when they are first asked for.</summary>
internal sealed class TensorTable(TfliteModel model)
{
    // A rank up to here is reported with the other problems, a higher one is taken for a broken file.
    private const int MaxStoredRank = 64;

    private readonly TensorEntry?[] _entries = new TensorEntry?[model.Tensors.Count];

    public int Count => _entries.Length;

    public bool Contains(int index) => (uint)index < (uint)_entries.Length;

    public TensorEntry this[int index] => _entries[index] ??= Convert(index);

    private TensorEntry Convert(int index)
    {
        FlatTable table = model.Tensors[index];
        var entry = new TensorEntry(index, table.Text(3, "Tensor.name", ImportLimits.MaxNameBytes)) { IsVariable = table.Boolean(5) };
        ReadOnlyMemory<byte>? data = ReadData(table, entry);
        entry.IsConstant = data is not { Length: 0 };
        ElementType? type = ReadType(table, entry);
        int[]? shape = ReadShape(table, entry);
        if (type is not { } elementType || shape is null || data is null)
        {
            return entry;
        }

        bool quantized = QuantizationReader.TryRead(table, elementType, shape, entry, out Quantization? quantization);
        ReadOnlyMemory<byte>? constant = entry.IsConstant ? data : null;
        var tensor = new Tensor(entry.Name, elementType, Array.AsReadOnly(shape), quantization, constant, entry.IsVariable, index);
        if (CheckData(tensor, entry) && quantized && entry.Problems.Count == 0)
        {
            entry.Tensor = tensor;
        }

        return entry;
    }

    private ReadOnlyMemory<byte>? ReadData(FlatTable table, TensorEntry entry)
    {
        if (table.Has(6))
        {
            entry.Unsupported("is sparse");
        }

        if (table.UInt32(10) != 0)
        {
            entry.Unsupported("keeps its bytes in another file");
        }

        uint buffer = table.UInt32(2);
        ReadOnlyMemory<byte>? data = model.Buffer(buffer);
        if (data is null)
        {
            entry.Invalid($"refers to buffer {buffer}, which is not in the FlatBuffer");
        }

        return data;
    }

    private static ElementType? ReadType(FlatTable table, TensorEntry entry)
    {
        int code = table.SByte(1);
        ElementType? type = SchemaNames.ElementType(code);
        if (type is null)
        {
            entry.Unsupported($"has type {SchemaNames.TensorType(code)}; int8, int16, int32, int64 and float32 are supported");
        }

        return type;
    }

    private static int[]? ReadShape(FlatTable table, TensorEntry entry)
    {
        int[] shape = table.Int32s(0, "Tensor.shape", MaxStoredRank);
        if (shape.Length > ImportLimits.MaxRank)
        {
            entry.Unsupported($"has {shape.Length} dimensions; {ImportLimits.MaxRank} are supported");
            return null;
        }

        long elements = 1;
        foreach (int dimension in shape)
        {
            if (dimension < 1)
            {
                entry.Unsupported($"has shape {Shapes.Text(shape)}: every dimension must be known and at least 1");
                return null;
            }

            elements *= dimension;
            if (elements > ImportLimits.MaxElements)
            {
                entry.Unsupported($"has shape {Shapes.Text(shape)}, more than {ImportLimits.MaxElements} elements");
                return null;
            }
        }

        return shape;
    }

    private static bool CheckData(Tensor tensor, TensorEntry entry)
    {
        if (tensor.Data is { } data && data.Length != tensor.ByteSize)
        {
            entry.Invalid($"has {data.Length} bytes, but {tensor.ByteSize} follow from {SchemaNames.Name(tensor.Type)} {Shapes.Text(tensor.Shape)}");
            return false;
        }

        if (tensor.Data is not null && tensor.IsVariable)
        {
            entry.Unsupported("is variable and has initial values; variable tensors start at their zero point");
            return false;
        }

        return true;
    }
}

/// <summary>A tensor, or the reasons why it cannot be had.</summary>
internal sealed class TensorEntry(int index, string name)
{
    public int Index => index;

    public string Name => name;

    /// <summary>Null when there are problems.</summary>
    public Tensor? Tensor { get; set; }

    public bool IsConstant { get; set; }

    public bool IsVariable { get; init; }

    public List<(ModelProblemKind Kind, string Sentence)> Problems { get; } = [];

    /// <summary>Whether the problems have been reported: once is enough, under the first operator that uses the tensor.</summary>
    public bool IsReported { get; set; }

    public void Unsupported(string sentence) => Problems.Add((ModelProblemKind.Unsupported, sentence));

    public void Invalid(string sentence) => Problems.Add((ModelProblemKind.Invalid, sentence));
}
