using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;

namespace NfRuntime.Bench;

/// <summary>
/// Models of one operator, or of a few in a row, of sizes that fill slices: thin and deep, wide and shallow, long rows and
/// columns, few channels, windows as large as the input, int8 and int16. Everything follows from the index.
/// </summary>
internal sealed partial class SliceGraphs
{
    private static readonly Func<SliceGraphs, int>[] _makers =
    [
        g => g.Convolution(g.Image(64)), g => g.Convolution(g.Image(256)), g => g.Convolution(g.Image(4)), g => g.Convolution(g.Line(64)),
        g => g.Convolution(g.Narrow(48)), g => g.Depthwise(g.Image(128)), g => g.Depthwise(g.Image(8)), g => g.Depthwise(g.Line(32)), g => g.Separable(g.Image(48)),
        g => g.FullyConnected(g.Matrix(2000), 300), g => g.FullyConnected(g.Matrix(60_000), 300), g => g.FullyConnected(g.Matrix(100), 4000),
        g => g.Pool(g.Image(96), OperatorKind.AveragePool2D), g => g.Pool(g.Image(96), OperatorKind.MaxPool2D), g => g.Pool(g.Image(6), OperatorKind.AveragePool2D), g => g.Pool(g.Image(6), OperatorKind.MaxPool2D),
        g => g.Elementwise(g.Image(64), OperatorKind.Add), g => g.Elementwise(g.Image(64), OperatorKind.Mul), g => g.Elementwise(g.Image(3), OperatorKind.Add), g => g.Elementwise(g.Image(3), OperatorKind.Mul),
        g => g.Softmax(g.Matrix(4000)), g => g.Softmax(g.Matrix(20)), g => g.Mean(g.Image(64)), g => g.Pad(g.Image(64)), g => g.Transpose(g.Image(64)), g => g.Plain(g.Image(64), OperatorKind.Logistic),
        g => g.Requantize(g.Image(64)), g => g.Quantize(), g => g.Dequantize(g.Image(64)), g => g.Reshape(g.Image(64)), g => g.Lstm(), g => g.Lstm(), g => g.Svdf(), g => g.Svdf(),
        g => g.Chain(), g => g.Chain(), g => g.Deep(),
    ];

    private readonly Random _random;
    private readonly List<Tensor> _tensors = [];
    private readonly List<Node> _nodes = [];
    private readonly List<int> _inputs = [];
    private readonly ElementType _type;

    private SliceGraphs(int index)
    {
        _random = new Random(index);
        _type = _random.Next(4) == 0 ? ElementType.Int16 : ElementType.Int8;
    }

    /// <summary>Model number <paramref name="index"/>.</summary>
    public static Graph Create(int index)
    {
        var graph = new SliceGraphs(index);
        int output = _makers[index % _makers.Length](graph);
        return new($"slice {index}", graph._tensors, graph._nodes, graph._inputs, [output]);
    }

    /// <summary>A model of one operator with one unit: softmax of a row.</summary>
    public static Graph Row(int elements)
    {
        var graph = new SliceGraphs(0);
        int output = graph.Softmax(graph.Input(1, elements));
        return new("row", graph._tensors, graph._nodes, graph._inputs, [output]);
    }

    /// <summary>Every fourth round all models are compiled with the layouts that are as in the .tflite.</summary>
    public static bool IsPlain(int index) => index / _makers.Length % 4 == 3;

    private int Size(int most) => 1 + (int)(most * Math.Pow(_random.NextDouble(), 2));

    private Quantization Scale(ElementType type) => Quantization.PerTensor(0.02f + (0.1f * _random.NextSingle()), type == ElementType.Int8 ? _random.Next(-60, 60) : 0);

    private int Add(ElementType type, int[] shape, Quantization? quantization, ReadOnlyMemory<byte>? data = null, bool state = false)
    {
        _tensors.Add(new(string.Empty, type, shape, quantization, data, state, _tensors.Count));
        return _tensors.Count - 1;
    }

    private int Input(params int[] shape)
    {
        int input = Add(_type, shape, Scale(_type));
        _inputs.Add(input);
        return input;
    }

    // At most some 100,000 elements.
    private int Image(int channels)
    {
        int c = Size(channels), edge = (int)Math.Sqrt(100_000.0 / c);
        return Input(1, Size(Math.Min(96, edge)), Size(Math.Min(96, edge)), c);
    }

    // Few pixels a row: an operator's last tile of a row is often not full; one column now and then.
    private int Narrow(int channels) => Input(1, 20 + Size(200), Size(8), Size(channels));

    // One row.
    private int Line(int channels) => Input(1, 1, 100 + Size(2000), Size(channels));

    private int Matrix(int depth) => Input(Size(8), Size(depth));

    private int Op(OperatorAttributes attributes, int[] shape, int[] inputs, Quantization? quantization = null, ElementType? type = null)
    {
        ElementType to = type ?? _type;
        int output = Add(to, shape, quantization ?? Scale(to));
        _nodes.Add(new(_nodes.Count, attributes, inputs, [output]));
        return output;
    }

    private int Constant(ElementType type, int[] shape, Quantization? quantization, int magnitude = 255)
    {
        var bytes = new byte[shape.Aggregate(1, (a, b) => a * b) * type.Size()];
        if (type == ElementType.Int8)
        {
            _random.NextBytes(bytes);
        }
        else
        {
            for (int i = 0; i < bytes.Length; i += type.Size())
            {
                bytes[i] = (byte)_random.Next(magnitude); // small and positive
            }
        }

        return Add(type, shape, quantization, bytes);
    }

    private int[] Weighted(int input, int[] weights, int axis, int channels)
    {
        bool perChannel = _random.Next(2) == 0;
        float[] scales = [.. Enumerable.Range(0, perChannel ? weights[axis] : 1).Select(_ => 0.001f + (0.01f * _random.NextSingle()))];
        int w = Constant(ElementType.Int8, weights, new(scales, new int[scales.Length], perChannel && scales.Length > 1 ? axis : 0));
        return [input, w, Constant(_type == ElementType.Int8 ? ElementType.Int32 : ElementType.Int64, [channels], null)];
    }

    private (int Filter, int Stride, int Pad, int Out) Window(int extent)
    {
        int filter = Math.Min(extent, _random.Next(5) switch { 0 or 1 => 1, 4 => 1 + _random.Next(9), _ => 3 });
        int stride = 1 + (_random.Next(3) / 2), pad = _random.Next(filter), behind = _random.Next(2) == 0 ? pad : 0;
        return (filter, stride, pad, ((extent + pad + behind - filter) / stride) + 1);
    }

    private Activation Fused() => _random.Next(2) == 0 ? Activation.None : Activation.Relu;

    private int Convolution(int input)
    {
        IReadOnlyList<int> s = _tensors[input].Shape;
        var (h, w) = (Window(s[1]), Window(s[2]));
        int groups = s[3] % 2 == 0 && _random.Next(8) == 0 ? 2 : 1, channels = groups * Size(96);
        return Op(
            new Conv2DAttributes(h.Stride, w.Stride, 1, 1, h.Pad, w.Pad, Fused()),
            [1, h.Out, w.Out, channels],
            Weighted(input, [channels, h.Filter, w.Filter, s[3] / groups], 0, channels));
    }

    private int Depthwise(int input)
    {
        IReadOnlyList<int> s = _tensors[input].Shape;
        var (h, w) = (Window(s[1]), Window(s[2]));
        int multiplier = _random.Next(4) == 0 ? 1 + _random.Next(8) : 1, channels = s[3] * multiplier;
        return Op(
            new DepthwiseConv2DAttributes(h.Stride, w.Stride, 1, 1, h.Pad, w.Pad, multiplier, Fused()),
            [1, h.Out, w.Out, channels],
            Weighted(input, [1, h.Filter, w.Filter, channels], 3, channels));
    }

    private int FullyConnected(int input, int most)
    {
        IReadOnlyList<int> s = _tensors[input].Shape;
        int units = Math.Min(Size(most), 1 + (400_000 / s[1]));
        return Op(new FullyConnectedAttributes(Fused(), KeepNumDims: false), [s[0], units], Weighted(input, [units, s[1]], 0, units));
    }

    private int Pool(int input, OperatorKind kind)
    {
        IReadOnlyList<int> s = _tensors[input].Shape;
        var (h, w) = (Window(s[1]), Window(s[2]));
        bool global = _random.Next(4) == 0;
        (h, w) = global ? ((s[1], 1, 0, 1), (s[2], 1, 0, 1)) : (h, w);
        return Op(
            new Pool2DAttributes(kind, h.Filter, w.Filter, h.Stride, w.Stride, h.Pad, w.Pad, Activation.None),
            [1, h.Out, w.Out, s[3]],
            [input],
            _tensors[input].Quantization);
    }

    private int Elementwise(int input, OperatorKind kind)
    {
        int[] s = [.. _tensors[input].Shape];
        int[] other = _random.Next(4) switch { 0 => [1, 1, 1, s[3]], 1 => [1, s[1], s[2], 1], _ => s };
        return Op(new ElementwiseAttributes(kind, Fused()), s, [input, Input(other)]);
    }

    private int Softmax(int input) =>
        Op(new SoftmaxAttributes(1), [.. _tensors[input].Shape], [input], _type == ElementType.Int8 ? Quantization.PerTensor(1f / 256, -128) : Quantization.PerTensor(1f / 32768, 0));

    private int Mean(int input)
    {
        IReadOnlyList<int> s = _tensors[input].Shape;
        int[] axes = _random.Next(3) switch { 0 => [1, 2], 1 => [3], _ => [2] };
        return Op(new MeanAttributes(axes, KeepDims: true), [.. s.Select((d, i) => axes.Contains(i) ? 1 : d)], [input]);
    }

    private int Pad(int input)
    {
        IReadOnlyList<int> s = _tensors[input].Shape;
        int[] before = [0, _random.Next(4), _random.Next(4), _random.Next(2)], after = [0, _random.Next(4), _random.Next(4), _random.Next(2)];
        return Op(new PadAttributes(before, after), [.. s.Select((d, i) => d + before[i] + after[i])], [input], _tensors[input].Quantization);
    }

    private int Transpose(int input)
    {
        IReadOnlyList<int> s = _tensors[input].Shape;
        int[] order = [0, 1, 2, 3];
        _random.Shuffle(order);
        return Op(new TransposeAttributes(order), [.. order.Select(i => s[i])], [input], _tensors[input].Quantization);
    }

    private int Plain(int input, OperatorKind kind) =>
        Op(new PlainAttributes(kind), [.. _tensors[input].Shape], [input], _type == ElementType.Int8 ? Quantization.PerTensor(1f / 256, -128) : Quantization.PerTensor(1f / 32768, 0));

    private int Requantize(int input) =>
        Op(new PlainAttributes(OperatorKind.Quantize), [.. _tensors[input].Shape], [input], type: _random.Next(2) == 0 ? ElementType.Int8 : ElementType.Int16);

    private int Quantize()
    {
        int[] shape = [1, Size(96), Size(96), Size(8)];
        int input = Add(ElementType.Float32, shape, null);
        _inputs.Add(input);
        return Op(new PlainAttributes(OperatorKind.Quantize), shape, [input]);
    }

    private int Dequantize(int input)
    {
        int output = Add(ElementType.Float32, [.. _tensors[input].Shape], null);
        _nodes.Add(new(_nodes.Count, new PlainAttributes(OperatorKind.Dequantize), [input], [output]));
        return output;
    }

    // Between two others, so that it is copied where all tensors are kept.
    private int Reshape(int input)
    {
        int image = Plain(input, OperatorKind.Logistic);
        Tensor tensor = _tensors[image];
        int flat = Op(new PlainAttributes(OperatorKind.Reshape), [1, 1, 1, tensor.Shape.Aggregate(1, (a, b) => a * b)], [image], tensor.Quantization);
        return Requantize(flat);
    }
}
