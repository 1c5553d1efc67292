using System;
using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Model.Tests.Import.Building;

/// <summary>Builds a .tflite file table by table; tests change the tables before <see cref="Build"/>.</summary>
internal sealed class ModelBuilder
{
    public const sbyte F32 = 0;
    public const sbyte I32 = 2;
    public const sbyte I64 = 4;
    public const sbyte I16 = 7;
    public const sbyte I8 = 9;

    /// <summary>Field ids of the schema's table Tensor.</summary>
    public static class TensorField
    {
        public const int Shape = 0;
        public const int Type = 1;
        public const int Buffer = 2;
        public const int Name = 3;
        public const int Quantization = 4;
        public const int IsVariable = 5;
        public const int Sparsity = 6;
        public const int ExternalBuffer = 10;
    }

    /// <summary>Field ids of the schema's table Operator.</summary>
    public static class OperatorField
    {
        public const int Code = 0;
        public const int Inputs = 1;
        public const int Outputs = 2;
        public const int OptionsType = 3;
        public const int Options = 4;
    }

    public FbTable Model { get; } = new FbTable().Set(0, 3u);

    public FbTable Subgraph { get; } = new();

    public List<FbTable> Codes { get; } = [];

    public List<FbTable> Tensors { get; } = [];

    public List<FbTable> Operators { get; } = [];

    // Buffer 0 is the schema's "no buffer".
    public List<FbTable> Buffers { get; } = [new()];

    public int[] Inputs { get; set; } = [];

    public int[] Outputs { get; set; } = [];

    /// <summary>Adds a tensor and returns its index.</summary>
    public int Tensor(string name, sbyte type, int[] shape, FbTable? quantization = null, byte[]? data = null, bool variable = false)
    {
        FbTable tensor = new FbTable()
            .Set(TensorField.Shape, shape).Set(TensorField.Type, type).Set(TensorField.Name, name)
            .Set(TensorField.Quantization, quantization).Set(TensorField.IsVariable, variable ? true : null);
        if (data is not null)
        {
            tensor.Set(TensorField.Buffer, (uint)Buffers.Count);
            Buffers.Add(new FbTable().Set(0, data));
        }

        Tensors.Add(tensor);
        return Tensors.Count - 1;
    }

    /// <summary>An activation: computed, quantized per tensor.</summary>
    public int Activation(string name, sbyte type, float scale, long zeroPoint, params int[] shape) =>
        Tensor(name, type, shape, Affine(scale, zeroPoint));

    /// <summary>A constant of zeros.</summary>
    public int Constant(string name, sbyte type, FbTable? quantization, params int[] shape) =>
        Tensor(name, type, shape, quantization, new byte[shape.Aggregate(1, (a, b) => a * b) * Size(type)]);

    /// <summary>A constant int32 vector.</summary>
    public int Integers(string name, params int[] values) => Tensor(name, I32, [values.Length], null, Bytes(values));

    /// <summary>Adds an operator with a code entry of its own.</summary>
    public void Operator(int code, int[] inputs, int[] outputs, byte optionsType = 0, FbTable? options = null)
    {
        Codes.Add(new FbTable().Set(0, (sbyte)Math.Min(code, 127)).Set(3, code));
        Operators.Add(new FbTable()
            .Set(OperatorField.Code, (uint)(Codes.Count - 1)).Set(OperatorField.Inputs, inputs).Set(OperatorField.Outputs, outputs)
            .Set(OperatorField.OptionsType, optionsType == 0 ? null : optionsType).Set(OperatorField.Options, options));
    }

    public byte[] Build()
    {
        Subgraph.Set(0, Tensors.ToArray()).Set(1, Inputs).Set(2, Outputs).Set(3, Operators.ToArray());
        Model.Set(1, Codes.ToArray()).Set(2, new[] { Subgraph }).Set(4, Buffers.ToArray());
        return FbWriter.Write(Model, "TFL3");
    }

    /// <summary>QuantizationParameters of one scale.</summary>
    public static FbTable Affine(float scale, long zeroPoint) => Affine([scale], [zeroPoint], 0);

    /// <summary>QuantizationParameters along a dimension.</summary>
    public static FbTable Affine(float[] scales, long[] zeroPoints, int axis) =>
        new FbTable().Set(2, scales).Set(3, zeroPoints).Set(6, axis);

    public static byte[] Bytes(int[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    public static byte[] Bytes(long[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    private static int Size(sbyte type) => type switch
    {
        I8 => 1,
        I16 => 2,
        I64 => 8,
        _ => 4,
    };
}
