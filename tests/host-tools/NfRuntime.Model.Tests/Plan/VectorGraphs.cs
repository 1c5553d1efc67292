using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Tests.Plan;

/// <summary>The hand-made graphs of tests/vectors/plan: together every operator kind of a plan.</summary>
internal static class VectorGraphs
{
    public static IReadOnlyDictionary<string, Graph> All { get; } = new SortedDictionary<string, Graph>
    {
        ["convolution"] = Convolution(),
        ["float-io"] = FloatIo(),
        ["int16"] = Int16(),
        ["lstm"] = Lstm(),
        ["movers"] = Movers(),
        ["streaming"] = Streaming(),
    };

    // PAD, CONV_2D, DEPTHWISE_CONV_2D, ADD, AVERAGE_POOL_2D, RESHAPE, FULLY_CONNECTED, SOFTMAX.
    private static Graph Convolution()
    {
        var b = new GraphBuilder();
        int input = b.Input([1, 6, 6, 2], 0.5f, 3);
        int padded = b.Op(new PadAttributes([0, 1, 1, 0], [0, 0, 0, 0]), [1, 7, 7, 2], [input], 0.5f, 3);
        int weights = b.Weights([4, 3, 3, 2], 1, 0.02f, 0.03f, 0.015f, 0.025f);
        int conv = b.Op(new Conv2DAttributes(2, 2, 1, 1, 0, 0, Activation.Relu6), [1, 3, 3, 4], [padded, weights, b.Bias(10, -20, 30, -40)], 0.05f, -128);
        int depthWeights = b.Weights([1, 3, 3, 4], 5, 0.04f);
        int depth = b.Op(new DepthwiseConv2DAttributes(1, 1, 1, 1, 1, 1, 1, Activation.None), [1, 3, 3, 4], [conv, depthWeights, b.Bias(1, 2, 3, 4)], 0.1f, -7);
        int sum = b.Op(new ElementwiseAttributes(OperatorKind.Add, Activation.Relu), [1, 3, 3, 4], [conv, depth], 0.12f, -100);
        int pooled = b.Op(new Pool2DAttributes(OperatorKind.AveragePool2D, 2, 2, 2, 2, 0, 0, Activation.None), [1, 1, 1, 4], [sum], 0.12f, -100);
        int flat = b.Op(new PlainAttributes(OperatorKind.Reshape), [1, 4], [pooled], 0.12f, -100);
        int full = b.Op(new FullyConnectedAttributes(Activation.None, false), [1, 3], [flat, b.Weights([3, 4], 9, 0.05f), b.Bias(5, 0, -5)], 0.2f, 4);
        return b.Build(b.Op(new SoftmaxAttributes(1f), [1, 3], [full], 1f / 256, -128));
    }

    // QUANTIZE, LOGISTIC (LUT), MUL, MEAN, REQUANTIZE, DEQUANTIZE.
    private static Graph FloatIo()
    {
        var b = new GraphBuilder();
        int input = b.Input([2, 4, 3], type: ElementType.Float32);
        int quantized = b.Op(new PlainAttributes(OperatorKind.Quantize), [2, 4, 3], [input], 0.01f, 5);
        int logistic = b.Op(new PlainAttributes(OperatorKind.Logistic), [2, 4, 3], [quantized], 1f / 256, -128);
        int factors = b.Constant<sbyte>(ElementType.Int8, [4, 1], GraphBuilder.Scale(0.02f, -3), 100, -50, 25, 7);
        int product = b.Op(new ElementwiseAttributes(OperatorKind.Mul, Activation.None), [2, 4, 3], [logistic, factors], 0.015f, 2);
        int mean = b.Op(new MeanAttributes([1], false), [2, 3], [product], 0.01f, 1);
        int wide = b.Op(new PlainAttributes(OperatorKind.Quantize), [2, 3], [mean], 0.0001f, 0, ElementType.Int16);
        return b.Build(b.Op(new PlainAttributes(OperatorKind.Dequantize), [2, 3], [wide], type: ElementType.Float32));
    }

    // FULLY_CONNECTED, LOGISTIC and SOFTMAX with int16 activations.
    private static Graph Int16()
    {
        var b = new GraphBuilder();
        int input = b.Input([2, 5], 0.001f, 0, ElementType.Int16);
        int bias = b.Constant<long>(ElementType.Int64, [4], null, 1000, -2000, 3000, 1L << 20);
        int full = b.Op(new FullyConnectedAttributes(Activation.None, false), [2, 4], [input, b.Weights([4, 5], 3, 0.03f), bias], 1f / 4096, 0, ElementType.Int16);
        int logistic = b.Op(new PlainAttributes(OperatorKind.Logistic), [2, 4], [full], 1f / 32768, 0, ElementType.Int16);
        return b.Build(b.Op(new SoftmaxAttributes(2f), [2, 4], [logistic], 1f / 32768, 0, ElementType.Int16));
    }

    private static Graph Lstm()
    {
        var b = new GraphBuilder();
        int[] inputs = [.. Enumerable.Repeat(-1, 24)];
        inputs[0] = b.Input([1, 3, 4], 0.02f, -5);
        for (int gate = 0; gate < 4; gate++)
        {
            inputs[1 + gate] = b.Weights([6, 4], gate, 0.01f);
            inputs[5 + gate] = b.Weights([6, 6], gate + 4, 0.012f);
            inputs[12 + gate] = b.Bias(100, -100, 200, -200, 0, gate);
        }

        inputs[18] = b.State([1, 6], 1f / 128, 2, ElementType.Int8);
        inputs[19] = b.State([1, 6], 1f / 2048, 0, ElementType.Int16);
        return b.Build(b.Op(new LstmAttributes(false, 10f, 0f, Activation.Tanh), [1, 3, 6], inputs, 1f / 128, 2));
    }

    // MAX_POOL_2D, TRANSPOSE, PAD, and a RESHAPE that must copy because its input is an output too.
    private static Graph Movers()
    {
        var b = new GraphBuilder();
        int input = b.Input([1, 5, 4, 3], 0.5f, 1);
        int pooled = b.Op(new Pool2DAttributes(OperatorKind.MaxPool2D, 2, 2, 1, 2, 0, 0, Activation.Relu), [1, 4, 2, 3], [input], 0.5f, 1);
        int transposed = b.Op(new TransposeAttributes([0, 3, 1, 2]), [1, 3, 4, 2], [pooled], 0.5f, 1);
        int padded = b.Op(new PadAttributes([0, 1, 0, 0], [0, 0, 0, 2]), [1, 4, 4, 4], [transposed], 0.5f, 1);
        int flat = b.Op(new PlainAttributes(OperatorKind.Reshape), [60], [input], 0.5f, 1);
        return b.Build(padded, flat);
    }

    // SVDF with state, then FULLY_CONNECTED.
    private static Graph Streaming()
    {
        var b = new GraphBuilder();
        int input = b.Input([1, 8], 0.1f, -1);
        int time = b.Constant<short>(ElementType.Int16, [4, 3], GraphBuilder.Scale(0.001f), 100, -200, 300, 50, 60, 70, -5, 6, -7, 1000, 0, -1000);
        int state = b.State([1, 12], 0.02f, 0, ElementType.Int16);
        int svdf = b.Op(new SvdfAttributes(2, Activation.Relu), [1, 2], [input, b.Weights([4, 8], 2, 0.05f), time, b.Bias(50, -50), state], 0.03f, 10);
        return b.Build(b.Op(new FullyConnectedAttributes(Activation.Relu, false), [1, 2], [svdf, b.Weights([2, 2], 8, 0.1f)], 0.05f, -20));
    }
}
