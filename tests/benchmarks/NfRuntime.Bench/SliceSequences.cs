using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;

namespace NfRuntime.Bench;

/// <summary>Several operators in a row, and those that keep state.</summary>
internal sealed partial class SliceGraphs
{
    // As in MobileNet: a depthwise and a pointwise convolution.
    private int Separable(int input)
    {
        int middle = Depthwise(input);
        IReadOnlyList<int> s = _tensors[middle].Shape;
        int channels = Size(96);
        return Op(new Conv2DAttributes(1, 1, 1, 1, 0, 0, Fused()), [1, s[1], s[2], channels], Weighted(middle, [channels, 1, 1, s[3]], 0, channels));
    }

    // The high-resolution first layers of a model, whose tensors a compiler streams.
    private int Deep()
    {
        int tensor = Input(1, 24 + Size(72), 24 + Size(72), 1 + _random.Next(3));
        for (int i = 0, count = 3 + _random.Next(4); i < count; i++)
        {
            tensor = i % 2 == 0 ? Convolution(tensor) : Depthwise(tensor);
        }

        return tensor;
    }

    private int Chain()
    {
        int tensor = Image(32);
        for (int i = 0, count = 2 + _random.Next(3); i < count; i++)
        {
            tensor = _random.Next(4) switch
            {
                0 => Depthwise(tensor),
                1 => Elementwise(tensor, OperatorKind.Add),
                2 => Pool(tensor, OperatorKind.MaxPool2D),
                _ => Convolution(tensor),
            };
        }

        return tensor;
    }

    private int Svdf()
    {
        int batches = Size(3), depth = Size(300), units = Size(100), memory = Size(20), rank = 1 + _random.Next(2);
        int input = Add(ElementType.Int8, [batches, depth], Scale(ElementType.Int8));
        _inputs.Add(input);
        int filters = units * rank;
        int feature = Constant(ElementType.Int8, [filters, depth], Quantization.PerTensor(0.03f, 0));
        int time = Constant(ElementType.Int16, [filters, memory], Quantization.PerTensor(0.001f, 0));
        int bias = Constant(ElementType.Int32, [units], null);
        int state = Add(ElementType.Int16, [batches, filters * memory], Quantization.PerTensor(0.01f, 0), state: true);
        return Op(new SvdfAttributes(rank, Activation.Relu), [batches, units], [input, feature, time, bias, state], type: ElementType.Int8);
    }

    private int Lstm()
    {
        int batches = Size(2), steps = Size(20), depth = Size(60), units = Size(60);
        int input = Input(batches, steps, depth);
        Quantization hidden = Quantization.PerTensor(_type == ElementType.Int8 ? 1f / 128 : 1f / 32768, 0);
        int[] inputs = [.. Enumerable.Repeat(-1, 24)];
        inputs[0] = input;
        for (int gate = 0; gate < 4; gate++)
        {
            inputs[1 + gate] = Constant(ElementType.Int8, [units, depth], Quantization.PerTensor(0.01f, 0));
            inputs[5 + gate] = Constant(ElementType.Int8, [units, units], Quantization.PerTensor(0.012f, 0));
            inputs[12 + gate] = Constant(_type == ElementType.Int8 ? ElementType.Int32 : ElementType.Int64, [units], null);
        }

        inputs[18] = Add(_type, [batches, units], hidden, state: true);
        inputs[19] = Add(ElementType.Int16, [batches, units], Quantization.PerTensor(1f / 2048, 0), state: true);
        return Op(new LstmAttributes(false, 0, 0, Activation.Tanh), [batches, steps, units], inputs, hidden);
    }
}
