using System.Collections.Generic;
using static NfRuntime.Model.Tests.Import.Building.ModelBuilder;

namespace NfRuntime.Model.Tests.Import.Building;

/// <summary>A valid model of one operator for each rule; tensor 0 is the input, the last one the output.</summary>
internal static class SampleModels
{
    /// <summary>All of them by name.</summary>
    public static IReadOnlyDictionary<string, ModelBuilder> All => new Dictionary<string, ModelBuilder>
    {
        ["conv"] = Conv2D(),
        ["conv int16"] = Conv2DInt16(),
        ["depthwise"] = DepthwiseConv2D(),
        ["fully connected"] = FullyConnected(),
        ["pool"] = AveragePool(),
        ["add"] = Add(),
        ["mul"] = Mul(),
        ["softmax"] = Softmax(),
        ["logistic"] = Logistic(),
        ["reshape"] = Reshape(),
        ["pad"] = Pad(),
        ["mean"] = Mean(),
        ["transpose"] = Transpose(),
        ["quantize"] = Quantize(),
        ["dequantize"] = Dequantize(),
        ["svdf"] = Svdf(),
        ["lstm"] = Lstm(),
    };

    /// <summary>3×2 SAME, per channel. Tensors: input, weights, bias, output.</summary>
    public static ModelBuilder Conv2D()
    {
        var m = new ModelBuilder();
        int input = m.Activation("input", I8, 0.5f, 3, 1, 5, 4, 2);
        int weights = m.Constant("weights", I8, Affine([0.1f, 0.2f, 0.3f], [0, 0, 0], 0), 3, 3, 2, 2);
        int bias = m.Constant("bias", I32, Affine([0.05f, 0.1f, 0.15f], [0, 0, 0], 0), 3);
        int output = m.Activation("output", I8, 0.25f, -5, 1, 3, 4, 3);
        FbTable options = new FbTable().Set(1, 1).Set(2, 2).Set(3, (sbyte)1);
        return One(m, 3, [input, weights, bias], output, 1, options);
    }

    /// <summary>As <see cref="Conv2D"/> with int16 activations and an int64 bias.</summary>
    public static ModelBuilder Conv2DInt16()
    {
        ModelBuilder m = Conv2D();
        m.Tensors[0].Set(TensorField.Type, I16).Set(TensorField.Quantization, Affine(0.5f, 0));
        m.Tensors[2].Set(TensorField.Type, I64);
        m.Buffers[2].Set(0, new byte[24]);
        m.Tensors[3].Set(TensorField.Type, I16).Set(TensorField.Quantization, Affine(0.25f, 0));
        return m;
    }

    /// <summary>Multiplier 2, VALID, dilated. Tensors: input, weights, bias, output.</summary>
    public static ModelBuilder DepthwiseConv2D()
    {
        var m = new ModelBuilder();
        int input = m.Activation("input", I8, 0.5f, 3, 1, 6, 5, 2);
        int weights = m.Constant("weights", I8, Affine(0.1f, 0), 1, 3, 2, 4);
        int bias = m.Constant("bias", I32, Affine(0.05f, 0), 4);
        int output = m.Activation("output", I8, 0.25f, -5, 1, 2, 2, 4);
        FbTable options = new FbTable().Set(0, (sbyte)1).Set(1, 2).Set(2, 1).Set(3, 2).Set(5, 1).Set(6, 2);
        return One(m, 4, [input, weights, bias], output, 2, options);
    }

    /// <summary>Tensors: input [2,6], weights [4,6], bias, output [2,4].</summary>
    public static ModelBuilder FullyConnected()
    {
        var m = new ModelBuilder();
        int input = m.Activation("input", I8, 0.5f, 3, 2, 6);
        int weights = m.Constant("weights", I8, Affine(0.1f, 0), 4, 6);
        int bias = m.Constant("bias", I32, Affine(0.05f, 0), 4);
        int output = m.Activation("output", I8, 0.25f, -5, 2, 4);
        return One(m, 9, [input, weights, bias], output, 8, new FbTable().Set(0, (sbyte)0));
    }

    /// <summary>2×3 windows, stride 2. Tensors: input, output.</summary>
    public static ModelBuilder AveragePool()
    {
        var m = new ModelBuilder();
        int input = m.Activation("input", I8, 0.5f, 3, 1, 5, 6, 2);
        int output = m.Activation("output", I8, 0.5f, 3, 1, 3, 3, 2);
        FbTable options = new FbTable().Set(1, 2).Set(2, 2).Set(3, 3).Set(4, 2);
        return One(m, 1, [input], output, 5, options);
    }

    /// <summary>[2,3,4] + [3,1]. Tensors: left, right, output.</summary>
    public static ModelBuilder Add() => Elementwise(0, 11);

    /// <summary>[2,3,4] × [3,1]. Tensors: left, right, output.</summary>
    public static ModelBuilder Mul() => Elementwise(18, 21);

    /// <summary>Tensors: input [2,5], output.</summary>
    public static ModelBuilder Softmax()
    {
        var m = new ModelBuilder();
        int input = m.Activation("input", I8, 0.5f, 3, 2, 5);
        int output = m.Activation("output", I8, 1f / 256, -128, 2, 5);
        return One(m, 25, [input], output, 9, new FbTable().Set(0, 1f));
    }

    /// <summary>Tensors: input [7], output.</summary>
    public static ModelBuilder Logistic()
    {
        var m = new ModelBuilder();
        int input = m.Activation("input", I8, 0.5f, 3, 7);
        int output = m.Activation("output", I8, 1f / 256, -128, 7);
        return One(m, 14, [input], output, 0, null);
    }

    /// <summary>[2,6] to [3,-1]. Tensors: input, shape, output.</summary>
    public static ModelBuilder Reshape()
    {
        var m = new ModelBuilder();
        int input = m.Activation("input", I8, 0.5f, 3, 2, 6);
        int shape = m.Integers("shape", 3, -1);
        int output = m.Activation("output", I8, 0.5f, 3, 3, 4);
        return One(m, 22, [input, shape], output, 0, null);
    }

    /// <summary>Tensors: input [2,3], paddings, output [3,6].</summary>
    public static ModelBuilder Pad()
    {
        var m = new ModelBuilder();
        int input = m.Activation("input", I8, 0.5f, 3, 2, 3);
        int paddings = m.Tensor("paddings", I32, [2, 2], null, Bytes([1, 0, 1, 2]));
        int output = m.Activation("output", I8, 0.5f, 3, 3, 6);
        return One(m, 34, [input, paddings], output, 22, new FbTable());
    }

    /// <summary>Axes −1 and 0. Tensors: input [2,3,4], axes, output [3].</summary>
    public static ModelBuilder Mean()
    {
        var m = new ModelBuilder();
        int input = m.Activation("input", I8, 0.5f, 3, 2, 3, 4);
        int axes = m.Integers("axes", -1, 0);
        int output = m.Activation("output", I8, 0.25f, 7, 3);
        return One(m, 40, [input, axes], output, 27, new FbTable().Set(0, false));
    }

    /// <summary>Tensors: input [2,3,4], permutation, output [4,2,3].</summary>
    public static ModelBuilder Transpose()
    {
        var m = new ModelBuilder();
        int input = m.Activation("input", I8, 0.5f, 3, 2, 3, 4);
        int permutation = m.Integers("permutation", 2, 0, 1);
        int output = m.Activation("output", I8, 0.5f, 3, 4, 2, 3);
        return One(m, 39, [input, permutation], output, 26, new FbTable());
    }

    /// <summary>float32 to int8. Tensors: input, output.</summary>
    public static ModelBuilder Quantize()
    {
        var m = new ModelBuilder();
        int input = m.Tensor("input", F32, [2, 3]);
        int output = m.Activation("output", I8, 0.25f, 7, 2, 3);
        return One(m, 114, [input], output, 0, null);
    }

    /// <summary>int8 to float32. Tensors: input, output.</summary>
    public static ModelBuilder Dequantize()
    {
        var m = new ModelBuilder();
        int input = m.Activation("input", I8, 0.25f, 7, 2, 3);
        int output = m.Tensor("output", F32, [2, 3]);
        return One(m, 6, [input], output, 0, null);
    }

    /// <summary>4 filters of rank 2, memory 5. Tensors: input [1,3], feature, time, bias, state, output [1,2].</summary>
    public static ModelBuilder Svdf()
    {
        var m = new ModelBuilder();
        int input = m.Activation("input", I8, 0.5f, 3, 1, 3);
        int feature = m.Constant("feature", I8, Affine(0.1f, 0), 4, 3);
        int time = m.Constant("time", I16, Affine(0.01f, 0), 4, 5);
        int bias = m.Constant("bias", I32, Affine(0.001f, 0), 2);
        int state = m.Tensor("state", I16, [1, 20], Affine(0.1f, 0), variable: true);
        int output = m.Activation("output", I8, 0.25f, -5, 1, 2);
        return One(m, 27, [input, feature, time, bias, state], output, 6, new FbTable().Set(0, 2));
    }

    /// <summary>
    /// Batch 1, 4 steps, 3 inputs, 2 units. Tensors: input, 1–4 weights, 5–8 recurrent weights, 9–12 biases, 13 hidden, 14 cell, 15 output.
    /// </summary>
    public static ModelBuilder Lstm()
    {
        var m = new ModelBuilder();
        var inputs = new int[24];
        System.Array.Fill(inputs, -1);
        inputs[0] = m.Activation("input", I8, 0.5f, 3, 1, 4, 3);
        for (int gate = 0; gate < 4; gate++)
        {
            inputs[1 + gate] = m.Constant($"weights {gate}", I8, Affine(0.1f, 0), 2, 3);
        }

        for (int gate = 0; gate < 4; gate++)
        {
            inputs[5 + gate] = m.Constant($"recurrent {gate}", I8, Affine(0.1f, 0), 2, 2);
        }

        for (int gate = 0; gate < 4; gate++)
        {
            inputs[12 + gate] = m.Constant($"bias {gate}", I32, Affine(0.05f, 0), 2);
        }

        inputs[18] = m.Tensor("hidden", I8, [1, 2], Affine(1f / 128, -5), variable: true);
        inputs[19] = m.Tensor("cell", I16, [1, 2], Affine(1f / 4096, 0), variable: true);
        int output = m.Activation("output", I8, 1f / 128, -5, 1, 4, 2);
        return One(m, 44, inputs, output, 71, new FbTable().Set(0, (sbyte)4).Set(1, 10f));
    }

    private static ModelBuilder Elementwise(int code, byte optionsType)
    {
        var m = new ModelBuilder();
        int left = m.Activation("left", I8, 0.5f, 3, 2, 3, 4);
        int right = m.Activation("right", I8, 0.25f, -3, 3, 1);
        int output = m.Activation("output", I8, 0.5f, 1, 2, 3, 4);
        One(m, code, [left, right], output, optionsType, new FbTable().Set(0, (sbyte)3)).Inputs = [left, right];
        return m;
    }

    private static ModelBuilder One(ModelBuilder m, int code, int[] inputs, int output, byte optionsType, FbTable? options)
    {
        m.Operator(code, inputs, [output], optionsType, options);
        m.Inputs = [0];
        m.Outputs = [output];
        return m;
    }
}
