using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Tests.Plan;

namespace NfRuntime.Model.Tests.EndToEnd;

/// <summary>Operators with weights, and those with state. Each method gives the output, or null when it cannot read the tensor.</summary>
internal sealed class RandomWeightedOperators(GraphBuilder builder, Random random)
{
    public static Activation Activation(Random random) => random.Next(6) switch
    {
        < 3 => Ir.Activation.None,
        3 => Ir.Activation.Relu,
        4 => Ir.Activation.ReluN1To1,
        _ => Ir.Activation.Relu6,
    };

    public int? Convolution(int input, Tensor tensor)
    {
        if (Windows(tensor) is not var (rows, columns))
        {
            return null;
        }

        int channels = tensor.Shape[3];
        int groups = channels % 2 == 0 && Chance(4) ? 2 : 1;
        int output = groups * (1 + random.Next(4));
        (int weights, float scale) = Weights([output, rows.Filter, columns.Filter, channels / groups], 0);
        ElementType? biasType = tensor.Type == ElementType.Int16 && Chance(2) ? ElementType.Int32 : null;
        var attributes = new Conv2DAttributes(
            rows.Stride, columns.Stride, rows.Dilation, columns.Dilation, rows.Before, columns.Before, Activation(random))
        {
            QuantizedBiasType = biasType,
        };
        return Op(attributes, [tensor.Shape[0], rows.Output, columns.Output, output], [input, weights, .. Bias(tensor.Type, output, narrow: true)], tensor, scale);
    }

    public int? Depthwise(int input, Tensor tensor)
    {
        if (Windows(tensor) is not var (rows, columns))
        {
            return null;
        }

        int multiplier = 1 + random.Next(2);
        int output = tensor.Shape[3] * multiplier;
        (int weights, float scale) = Weights([1, rows.Filter, columns.Filter, output], 3);
        var attributes = new DepthwiseConv2DAttributes(
            rows.Stride, columns.Stride, rows.Dilation, columns.Dilation, rows.Before, columns.Before, multiplier, Activation(random));
        return Op(attributes, [tensor.Shape[0], rows.Output, columns.Output, output], [input, weights, .. Bias(tensor.Type, output, narrow: false)], tensor, scale);
    }

    public int? FullyConnected(int input, Tensor tensor)
    {
        int depth = tensor.Shape[^1];
        int units = 1 + random.Next(6);
        bool keep = Chance(2);
        (int weights, float scale) = Weights([units, depth], 0);
        int[] shape = keep ? [.. tensor.Shape.SkipLast(1), units] : [tensor.ElementCount / depth, units];
        var attributes = new FullyConnectedAttributes(Activation(random), keep);
        return RandomGraph.IsSmall(shape) ? Op(attributes, shape, [input, weights, .. Bias(tensor.Type, units, narrow: true)], tensor, scale) : null;
    }

    public int? Svdf(int input, Tensor tensor)
    {
        if (tensor.Type != ElementType.Int8 || tensor.Shape.Count != 2)
        {
            return null;
        }

        int rank = 1 + random.Next(2);
        int units = 1 + random.Next(4);
        int memory = 1 + random.Next(4);
        ElementType type = Chance(2) ? ElementType.Int8 : ElementType.Int16;
        Quantization state = RandomOperators.Quantization(random, type);
        int features = builder.Weights([units * rank, tensor.Shape[1]], random.Next(100), 0.03f);
        int time = type == ElementType.Int8
            ? builder.Weights([units * rank, memory], random.Next(100), 0.02f)
            : builder.Constant(type, [units * rank, memory], GraphBuilder.Scale(0.001f), [.. Enumerable.Range(0, units * rank * memory).Select(_ => (short)random.Next(-2000, 2000))]);
        int bias = builder.Bias([.. Enumerable.Range(0, units).Select(_ => random.Next(-3000, 3000))]);
        int variable = builder.State([tensor.Shape[0], units * rank * memory], state.Scale, state.ZeroPoint, type);
        Quantization output = RandomOperators.Quantization(random, ElementType.Int8);
        return builder.Op(
            new SvdfAttributes(rank, Ir.Activation.Relu), [tensor.Shape[0], units], [input, features, time, bias, variable], output.Scale, output.ZeroPoint);
    }

    public int? Lstm(int input, Tensor tensor)
    {
        if (tensor.Shape.Count != 3)
        {
            return null;
        }

        bool timeMajor = Chance(2);
        int batches = tensor.Shape[timeMajor ? 1 : 0];
        int units = 1 + random.Next(5);
        Quantization hidden = tensor.Type == ElementType.Int16
            ? GraphBuilder.Scale(1f / 32768)
            : GraphBuilder.Scale(1f / 128, random.Next(-20, 20));
        int[] inputs = [.. Enumerable.Repeat(-1, 24)];
        inputs[0] = input;
        for (int gate = 0; gate < 4; gate++)
        {
            inputs[1 + gate] = builder.Weights([units, tensor.Shape[2]], random.Next(100), 0.01f);
            inputs[5 + gate] = builder.Weights([units, units], random.Next(100), 0.012f);
            inputs[12 + gate] = Bias(tensor.Type, units, narrow: false).FirstOrDefault(-1);
        }

        inputs[18] = builder.State([batches, units], hidden.Scale, hidden.ZeroPoint, tensor.Type);
        inputs[19] = builder.State([batches, units], 1f / (1 << random.Next(9, 14)), 0, ElementType.Int16);
        var attributes = new LstmAttributes(timeMajor, Chance(2) ? 0f : 2f, 0f, Ir.Activation.Tanh);
        return builder.Op(attributes, [tensor.Shape[0], tensor.Shape[1], units], inputs, hidden.Scale, hidden.ZeroPoint, tensor.Type);
    }

    private bool Chance(int oneIn) => random.Next(oneIn) == 0;

    private (RandomWindow Rows, RandomWindow Columns)? Windows(Tensor tensor)
    {
        bool same = Chance(2);
        return tensor.Shape.Count == 4
            && RandomWindow.Draw(random, tensor.Shape[1], same, dilates: true) is { } rows
            && RandomWindow.Draw(random, tensor.Shape[2], same, dilates: true) is { } columns
            ? (rows, columns)
            : null;
    }

    // Quantized per tensor, or along the axis; also the largest scale.
    private (int Weights, float Scale) Weights(int[] shape, int axis)
    {
        int scales = Chance(2) ? 1 : shape[axis];
        float[] all = [.. Enumerable.Range(0, scales).Select(_ => 0.005f + (0.05f * random.NextSingle()))];
        var values = new sbyte[shape.Aggregate(1, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (sbyte)random.Next(-127, 128);
        }

        return (builder.Constant(ElementType.Int8, shape, new Quantization(all, new int[scales], scales == 1 ? 0 : axis), values), all.Max());
    }

    // None, or one; with int16 activations it has 64 bits, or 32 where the kernel has narrow accumulators too.
    private IEnumerable<int> Bias(ElementType activation, int channels, bool narrow)
    {
        if (Chance(4))
        {
            return [];
        }

        int[] values = [.. Enumerable.Range(0, channels).Select(_ => random.Next(-3000, 3000))];
        return activation == ElementType.Int16 && !(narrow && Chance(3))
            ? [builder.Constant(ElementType.Int64, [channels], null, [.. values.Select(value => (long)value)])]
            : [builder.Bias(values)];
    }

    // The output's scale is such that values neither all saturate nor all vanish.
    private int Op(OperatorAttributes attributes, int[] shape, int[] inputs, Tensor input, float weightScale)
    {
        float scale = input.Quantization!.Scale * weightScale * (20 + (random.NextSingle() * 200));
        int zeroPoint = input.Type == ElementType.Int8 ? random.Next(-128, 128) : 0;
        return builder.Op(attributes, shape, inputs, scale, zeroPoint, input.Type);
    }
}
