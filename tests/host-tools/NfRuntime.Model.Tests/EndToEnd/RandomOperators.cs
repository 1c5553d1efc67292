using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Tests.Plan;

namespace NfRuntime.Model.Tests.EndToEnd;

/// <summary>Adds an operator of a random kind, with random parameters, that reads a given tensor.</summary>
internal sealed class RandomOperators
{
    private readonly GraphBuilder _builder;
    private readonly Random _random;
    private readonly IReadOnlyList<int> _pool;
    private readonly RandomWeightedOperators _weighted;
    private readonly Func<int, Tensor, int?>[] _any;
    private readonly Func<int, Tensor, int?>[] _scalar;
    private readonly Func<int, Tensor, int?>[] _plain;

    public RandomOperators(GraphBuilder builder, Random random, IReadOnlyList<int> pool)
    {
        (_builder, _random, _pool) = (builder, random, pool);
        _weighted = new RandomWeightedOperators(builder, random);
        _any = [Reshape, Transpose, Quantize, Dequantize];
        _scalar = [Reshape, Quantize, Dequantize, Elementwise, Logistic];
        _plain =
        [
            .. _any, Pad, PadAndConvolve, PadAndConvolve, Elementwise, Elementwise, Constant, Softmax, Logistic, Mean, Pool,
            _weighted.Convolution, _weighted.Convolution, _weighted.Depthwise, _weighted.FullyConnected, _weighted.Svdf, _weighted.Lstm,
        ];
    }

    /// <summary>The new operator's output, or null when the kind that was drawn cannot read <paramref name="input"/>.</summary>
    public int? TryAdd(int input)
    {
        Tensor tensor = _builder[input];
        // Arithmetic on int16 asks for zero point 0; int32 is only ever an output.
        bool moves = tensor.Type == ElementType.Int16 && tensor.Quantization!.ZeroPoint != 0;
        Func<int, Tensor, int?>[] kinds = tensor switch
        {
            { Type: ElementType.Float32 } => [Quantize],
            { Type: ElementType.Int32 } => [],
            { Shape.Count: 0 } => moves ? [Reshape, Quantize, Dequantize] : _scalar,
            _ => moves ? _any : _plain,
        };
        return kinds.Length == 0 ? null : kinds[_random.Next(kinds.Length)](input, tensor);
    }

    /// <summary>A quantization such as activations have.</summary>
    public static Quantization Quantization(Random random, ElementType type)
    {
        double exponent = type == ElementType.Int16 ? -13 + (4 * random.NextDouble()) : -7 + (6 * random.NextDouble());
        return Ir.Quantization.PerTensor((float)Math.Pow(2, exponent), type == ElementType.Int8 ? random.Next(-128, 128) : 0);
    }

    private int Op(OperatorAttributes attributes, IEnumerable<int> shape, int[] inputs, Quantization? quantization, ElementType type) =>
        _builder.Op(attributes, [.. shape], inputs, quantization?.Scale ?? 1f, quantization?.ZeroPoint ?? 0, type);

    private bool Chance(int oneIn) => _random.Next(oneIn) == 0;

    private int? Reshape(int input, Tensor tensor)
    {
        int[] shape = new int[1 + _random.Next(4)];
        int rest = tensor.ElementCount;
        for (int d = shape.Length - 1; d > 0; d--)
        {
            int[] divisors = [.. Enumerable.Range(1, Math.Min(rest, 9)).Where(divisor => rest % divisor == 0)];
            shape[d] = divisors[_random.Next(divisors.Length)];
            rest /= shape[d];
        }

        shape[0] = rest;
        return Op(new PlainAttributes(OperatorKind.Reshape), shape, [input], tensor.Quantization, tensor.Type);
    }

    private int? Transpose(int input, Tensor tensor)
    {
        int[] permutation = [.. Enumerable.Range(0, tensor.Shape.Count)];
        _random.Shuffle(permutation);
        return Op(new TransposeAttributes(permutation), permutation.Select(d => tensor.Shape[d]), [input], tensor.Quantization, tensor.Type);
    }

    private int? Quantize(int input, Tensor tensor)
    {
        ElementType type = _random.Next(9) switch
        {
            < 5 => ElementType.Int8,
            < 8 => ElementType.Int16,
            _ => tensor.Type == ElementType.Float32 ? ElementType.Int8 : ElementType.Int32,
        };
        Quantization quantization = type == tensor.Type && Chance(3) ? tensor.Quantization! : Quantization(_random, type);
        return Op(new PlainAttributes(OperatorKind.Quantize), tensor.Shape, [input], quantization, type);
    }

    private int? Dequantize(int input, Tensor tensor) => Chance(2)
        ? Op(new PlainAttributes(OperatorKind.Dequantize), tensor.Shape, [input], null, ElementType.Float32)
        : null;

    // Four dimensions after merging are what a plan can hold.
    private int? Pad(int input, Tensor tensor)
    {
        int rank = tensor.Shape.Count;
        int[] before = new int[rank];
        int[] after = new int[rank];
        int padded = rank > 4 ? 1 : _random.Next(rank + 1);
        bool image = rank == 4 && Chance(2);
        foreach (int d in image ? [1, 2] : Enumerable.Range(0, rank).OrderBy(_ => _random.Next()).Take(padded))
        {
            (before[d], after[d]) = (_random.Next(image ? 2 : 3), _random.Next(3));
        }

        int[] shape = [.. tensor.Shape.Select((extent, d) => before[d] + extent + after[d])];
        return RandomGraph.IsSmall(shape) ? Op(new PadAttributes(before, after), shape, [input], tensor.Quantization, tensor.Type) : null;
    }

    // What a compiler may fuse.
    private int? PadAndConvolve(int input, Tensor tensor)
    {
        if (tensor.Shape.Count != 4 || Pad(input, tensor) is not { } padded)
        {
            return null;
        }

        int? output = Chance(2) ? _weighted.Convolution(padded, _builder[padded]) : _weighted.Depthwise(padded, _builder[padded]);
        return output ?? padded;
    }

    private int? Elementwise(int input, Tensor tensor)
    {
        int other = Chance(3) ? Values(Broadcastable(tensor.Shape), tensor.Type) : _pool[_random.Next(_pool.Count)];
        Tensor second = _builder[other];
        bool usable = second.Type == tensor.Type && (tensor.Type != ElementType.Int16 || second.Quantization!.ZeroPoint == 0);
        if (!usable || Broadcast(tensor.Shape, second.Shape) is not { } shape)
        {
            return null;
        }

        OperatorKind kind = Chance(2) ? OperatorKind.Add : OperatorKind.Mul;
        int[] inputs = Chance(2) ? [input, other] : [other, input];
        return Op(new ElementwiseAttributes(kind, RandomWeightedOperators.Activation(_random)), shape, inputs, Quantization(_random, tensor.Type), tensor.Type);
    }

    private int[] Broadcastable(IReadOnlyList<int> shape) => shape.Count > 4
        ? [.. shape]
        : [.. shape.Select(extent => Chance(2) ? 1 : extent).Skip(_random.Next(shape.Count))];

    private static int[]? Broadcast(IReadOnlyList<int> a, IReadOnlyList<int> b)
    {
        int rank = Math.Max(a.Count, b.Count);
        int[] shape = new int[rank];
        for (int d = 1; d <= rank; d++)
        {
            (int extentA, int extentB) = (d <= a.Count ? a[^d] : 1, d <= b.Count ? b[^d] : 1);
            if (extentA != extentB && (extentA != 1 && extentB != 1 || rank > 4))
            {
                return null;
            }

            shape[^d] = Math.Max(extentA, extentB);
        }

        return RandomGraph.IsSmall(shape) ? shape : null;
    }

    private int Values(int[] shape, ElementType type)
    {
        int count = shape.Aggregate(1, (a, b) => a * b);
        Quantization quantization = Quantization(_random, type);
        return type == ElementType.Int16
            ? _builder.Constant(type, shape, quantization, [.. Enumerable.Range(0, count).Select(_ => (short)_random.Next(short.MinValue, short.MaxValue + 1))])
            : _builder.Constant(type, shape, quantization, [.. Enumerable.Range(0, count).Select(_ => (sbyte)_random.Next(-128, 128))]);
    }

    // A constant of the input's shape goes through an operator that can be computed ahead of time.
    private int? Constant(int input, Tensor tensor)
    {
        int constant = Values([.. tensor.Shape], tensor.Type);
        return _random.Next(4) switch
        {
            0 => Reshape(constant, _builder[constant]),
            1 => Transpose(constant, _builder[constant]),
            2 => Pad(constant, _builder[constant]),
            _ => Chance(3) ? constant : null,
        };
    }

    private int? Softmax(int input, Tensor tensor)
    {
        bool wide = tensor.Type == ElementType.Int8 && Chance(4);
        ElementType type = wide ? ElementType.Int16 : tensor.Type;
        (float scale, int zeroPoint) = wide ? (1f / 65536, short.MinValue) : type == ElementType.Int8 ? (1f / 256, -128) : (1f / 32768, 0);
        return Op(new SoftmaxAttributes(0.5f + _random.Next(3)), tensor.Shape, [input], Ir.Quantization.PerTensor(scale, zeroPoint), type);
    }

    private int? Logistic(int input, Tensor tensor)
    {
        Quantization quantization = tensor.Type == ElementType.Int8 ? Ir.Quantization.PerTensor(1f / 256, -128) : Ir.Quantization.PerTensor(1f / 32768, 0);
        return Op(new PlainAttributes(OperatorKind.Logistic), tensor.Shape, [input], quantization, tensor.Type);
    }

    private int? Mean(int input, Tensor tensor)
    {
        if (tensor.Shape.Count > 4)
        {
            return null;
        }

        int[] axes = [.. Enumerable.Range(0, tensor.Shape.Count).Where(_ => Chance(2))];
        bool keep = Chance(2);
        IEnumerable<int> shape = tensor.Shape.Select((extent, d) => axes.Contains(d) ? (keep ? 1 : 0) : extent).Where(extent => extent > 0);
        Quantization quantization = Chance(3) ? tensor.Quantization! : Quantization(_random, tensor.Type);
        return axes.Length == 0 ? null : Op(new MeanAttributes(axes, keep), shape, [input], quantization, tensor.Type);
    }

    private int? Pool(int input, Tensor tensor)
    {
        if (tensor.Shape.Count != 4)
        {
            return null;
        }

        OperatorKind kind = Chance(2) ? OperatorKind.AveragePool2D : OperatorKind.MaxPool2D;
        bool same = Chance(2);
        if (RandomWindow.Draw(_random, tensor.Shape[1], same, dilates: false) is not { } rows
            || RandomWindow.Draw(_random, tensor.Shape[2], same, dilates: false) is not { } columns)
        {
            return null;
        }

        var attributes = new Pool2DAttributes(
            kind, rows.Filter, columns.Filter, rows.Stride, columns.Stride, rows.Before, columns.Before, RandomWeightedOperators.Activation(_random));
        return Op(attributes, [tensor.Shape[0], rows.Output, columns.Output, tensor.Shape[3]], [input], tensor.Quantization, tensor.Type);
    }
}
