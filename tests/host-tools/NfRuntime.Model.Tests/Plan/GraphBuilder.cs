using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Tests.Plan;

/// <summary>Small graphs by hand. Nodes get source indices 0, 1, … in the order in which they are added.</summary>
internal sealed class GraphBuilder
{
    private readonly List<Tensor> _tensors = [];
    private readonly List<Node> _nodes = [];
    private readonly List<int> _inputs = [];

    /// <summary>The state that was added last.</summary>
    public int? LastState { get; private set; }

    /// <summary>A tensor that was added.</summary>
    public Tensor this[int tensor] => _tensors[tensor];

    public static Quantization Scale(float scale, int zeroPoint = 0) => Quantization.PerTensor(scale, zeroPoint);

    public int Input(int[] shape, float scale = 0.5f, int zeroPoint = 0, ElementType type = ElementType.Int8)
    {
        _inputs.Add(Add(type, shape, type == ElementType.Float32 ? null : Scale(scale, zeroPoint), null, false));
        return _inputs[^1];
    }

    public int State(int[] shape, float scale, int zeroPoint, ElementType type)
    {
        LastState = Add(type, shape, Scale(scale, zeroPoint), null, true);
        return LastState.Value;
    }

    /// <summary>An int8 constant whose values run through a pattern that <paramref name="seed"/> starts.</summary>
    public int Weights(int[] shape, int seed, params float[] scales)
    {
        float[] all = scales.Length == 0 ? [0.25f] : scales;
        var bytes = new byte[shape.Aggregate(1, (a, b) => a * b)];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = unchecked((byte)(sbyte)((((i + seed) * 37) % 31) - 15));
        }

        return Add(ElementType.Int8, shape, new Quantization(all, new int[all.Length], 0), bytes, false);
    }

    public int Constant<T>(ElementType type, int[] shape, Quantization? quantization, params T[] values)
        where T : unmanaged => Add(type, shape, quantization, MemoryMarshal.AsBytes(values.AsSpan()).ToArray(), false);

    public int Bias(params int[] values) => Constant(ElementType.Int32, [values.Length], null, values);

    /// <summary>An operator and its output tensor, whose index is returned.</summary>
    public int Op(OperatorAttributes attributes, int[] shape, int[] inputs, float scale = 0.5f, int zeroPoint = 0, ElementType type = ElementType.Int8)
    {
        int output = Add(type, shape, type == ElementType.Float32 ? null : Scale(scale, zeroPoint), null, false);
        _nodes.Add(new Node(_nodes.Count, attributes, inputs, [output]));
        return output;
    }

    public int Reshape(int input, int[] shape) => Op(new PlainAttributes(OperatorKind.Reshape), shape, [input]);

    public int Logistic(int input) => Op(new PlainAttributes(OperatorKind.Logistic), [.. _tensors[input].Shape], [input], 1f / 256, -128);

    public int AddOp(int a, int b) => Op(new ElementwiseAttributes(OperatorKind.Add, Activation.None), [.. _tensors[a].Shape], [a, b]);

    /// <summary>A 1×1 convolution to <paramref name="channels"/>.</summary>
    public int Pointwise(int input, int channels)
    {
        IReadOnlyList<int> shape = _tensors[input].Shape;
        int weights = Weights([channels, 1, 1, shape[3]], _nodes.Count);
        return Op(new Conv2DAttributes(1, 1, 1, 1, 0, 0, Activation.None), [shape[0], shape[1], shape[2], channels], [input, weights]);
    }

    public Graph Build(params int[] outputs) => new("hand-made", [.. _tensors], [.. _nodes], [.. _inputs], outputs);

    private int Add(ElementType type, int[] shape, Quantization? quantization, byte[]? data, bool isVariable)
    {
        _tensors.Add(new Tensor($"t{_tensors.Count}", type, shape, quantization, data is null ? (ReadOnlyMemory<byte>?)null : data, isVariable, _tensors.Count));
        return _tensors.Count - 1;
    }
}
