using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Tests.Plan;

namespace NfRuntime.Model.Tests.EndToEnd;

/// <summary>
/// Up to eight convolutions, pools and element-wise operators one after the other on one image of many rows, now and then
/// added to what was there before: what is compiled to outputs over their input, in both orders of rows, and to streamed
/// chains. Mostly int8, else int16.
/// </summary>
internal sealed class RandomWindowChain
{
    private readonly GraphBuilder _builder = new();
    private readonly Random _random;
    private readonly List<int> _made = [];

    private RandomWindowChain(int seed) => _random = new Random(seed);

    public static Graph Create(int seed)
    {
        var chain = new RandomWindowChain(seed);
        return chain.Build();
    }

    private Graph Build()
    {
        ElementType type = _random.Next(4) == 0 ? ElementType.Int16 : ElementType.Int8;
        int zeroPoint = type == ElementType.Int8 ? _random.Next(-20, 21) : 0;
        int tensor = _builder.Input(
            [1, 6 + _random.Next(_random.Next(2) == 0 ? 15 : 40), 1 + _random.Next(7), 1 + _random.Next(_random.Next(2) == 0 ? 3 : 12)], 0.25f, zeroPoint, type);
        for (int wanted = 1 + _random.Next(8); _made.Count < wanted;)
        {
            int? output = Add(tensor);
            if (output is not null)
            {
                _made.Add(tensor);
                tensor = output.Value;
            }
        }

        return _builder.Build(tensor);
    }

    private int? Add(int input)
    {
        Tensor tensor = _builder[input];
        int kind = _random.Next(6);
        if (kind > 3)
        {
            return kind == 4 ? Requantize(input, tensor) : Residual(input, tensor);
        }

        bool same = _random.Next(3) > 0;
        bool dilates = kind < 2;
        return RandomWindow.Draw(_random, tensor.Shape[1], same, dilates) is { } rows
            && RandomWindow.Draw(_random, tensor.Shape[2], same || tensor.Shape[2] < 3, dilates) is { } columns
            ? kind switch
            {
                0 => Convolution(input, tensor, rows, columns),
                1 => Depthwise(input, tensor, rows, columns),
                2 => Pool(OperatorKind.MaxPool2D, input, tensor, rows, columns),
                _ => Pool(OperatorKind.AveragePool2D, input, tensor, rows, columns),
            }
            : null;
    }

    private int Convolution(int input, Tensor tensor, RandomWindow rows, RandomWindow columns)
    {
        int channels = 1 + _random.Next(12);
        int weights = _builder.Weights([channels, rows.Filter, columns.Filter, tensor.Shape[3]], _random.Next(100));
        var attributes = new Conv2DAttributes(rows.Stride, columns.Stride, rows.Dilation, columns.Dilation, rows.Before, columns.Before, Activation.None)
        {
            QuantizedBiasType = tensor.Type == ElementType.Int16 ? ElementType.Int32 : null,
        };
        return Op(attributes, tensor, [1, rows.Output, columns.Output, channels], [input, weights], rows.Filter * columns.Filter * tensor.Shape[3]);
    }

    private int Depthwise(int input, Tensor tensor, RandomWindow rows, RandomWindow columns)
    {
        int multiplier = tensor.Shape[3] <= 8 ? 1 + _random.Next(2) : 1;
        int channels = tensor.Shape[3] * multiplier;
        int weights = _builder.Weights([1, rows.Filter, columns.Filter, channels], _random.Next(100));
        var attributes = new DepthwiseConv2DAttributes(
            rows.Stride, columns.Stride, rows.Dilation, columns.Dilation, rows.Before, columns.Before, multiplier, Activation.None);
        return Op(attributes, tensor, [1, rows.Output, columns.Output, channels], [input, weights], rows.Filter * columns.Filter);
    }

    private int Requantize(int input, Tensor tensor) =>
        Op(new PlainAttributes(OperatorKind.Quantize), tensor, [.. tensor.Shape], [input], 1);

    // With what had this shape before, or with itself.
    private int Residual(int input, Tensor tensor)
    {
        List<int> same = [.. _made.Append(input).Where(other => _builder[other].Shape.SequenceEqual(tensor.Shape))];
        OperatorKind kind = _random.Next(3) == 0 ? OperatorKind.Mul : OperatorKind.Add;
        int other = same[_random.Next(same.Count)];
        return Op(new ElementwiseAttributes(kind, Activation.None), tensor, [.. tensor.Shape], _random.Next(2) == 0 ? [input, other] : [other, input], 1);
    }

    private int Pool(OperatorKind kind, int input, Tensor tensor, RandomWindow rows, RandomWindow columns)
    {
        var attributes = new Pool2DAttributes(kind, rows.Filter, columns.Filter, rows.Stride, columns.Stride, rows.Before, columns.Before, Activation.None);
        Quantization quantization = tensor.Quantization!;
        return _builder.Op(attributes, [1, rows.Output, columns.Output, tensor.Shape[3]], [input], quantization.Scale, quantization.ZeroPoint, tensor.Type);
    }

    // A scale at which sums of `terms` products are mostly not clamped.
    private int Op(OperatorAttributes attributes, Tensor tensor, int[] shape, int[] inputs, int terms)
    {
        float scale = tensor.Quantization!.Scale * 2 * MathF.Sqrt(terms);
        return _builder.Op(attributes, shape, inputs, scale, tensor.Type == ElementType.Int8 ? _random.Next(-20, 21) : 0, tensor.Type);
    }
}
