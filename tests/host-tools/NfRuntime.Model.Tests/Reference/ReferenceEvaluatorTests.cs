using System;
using System.Collections.Generic;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Reference;
using Xunit;

namespace NfRuntime.Model.Tests.Reference;

/// <summary>What the goldens do not show: the evaluator's own interface, and cases small enough to compute by hand.</summary>
public class ReferenceEvaluatorTests
{
    [Fact]
    public void Fully_connected_by_hand()
    {
        // 0.5 × (2 × (10 − 1) + 3 × (−4 − 1) + 5) = 4, plus zero point −2.
        Graph graph = Graphs.Single(
            new FullyConnectedAttributes(Activation.None, false),
            Graphs.Activation([1, 1], 1, -2),
            Graphs.Activation([1, 2], 1, 1),
            Graphs.Weights([1, 2], 0.5f, 2, 3),
            Graphs.Bias(5));
        Assert.Equal([2], Run<sbyte>(graph, Graphs.Bytes<sbyte>(10, -4)));
    }

    [Fact]
    public void Convolution_leaves_out_what_lies_in_the_padding()
    {
        // 3 × 3 of ones over a 2 × 2 image of 2 (zero point 1: value 1), padded by one on each side: four pixels of 4.
        Graph graph = Graphs.Single(
            new Conv2DAttributes(1, 1, 1, 1, 1, 1, Activation.None),
            Graphs.Activation([1, 2, 2, 1], 1, 0),
            Graphs.Activation([1, 2, 2, 1], 1, 1),
            Graphs.Weights([1, 3, 3, 1], 1, 1, 1, 1, 1, 1, 1, 1, 1, 1));
        Assert.Equal([4, 4, 4, 4], Run<sbyte>(graph, Graphs.Bytes<sbyte>(2, 2, 2, 2)));
    }

    [Fact]
    public void Accumulation_wraps()
    {
        // 2^31 − 1 + 1 = −2^31, and 2^-24 of it is −128.
        Graph graph = Graphs.Single(
            new FullyConnectedAttributes(Activation.None, false),
            Graphs.Activation([1, 1], 1 << 24, 0),
            Graphs.Activation([1, 1], 1, 0),
            Graphs.Weights([1, 1], 1, 1),
            Graphs.Bias(int.MaxValue));
        Assert.Equal([-128], Run<sbyte>(graph, Graphs.Bytes<sbyte>(1)));
        Assert.Equal([127], Run<sbyte>(graph, Graphs.Bytes<sbyte>(0)));
    }

    [Fact]
    public void Quantize_of_what_c_leaves_undefined_saturates()
    {
        Graph graph = Graphs.Single(
            new PlainAttributes(OperatorKind.Quantize),
            Graphs.Activation([5], 0.5f, -3),
            new Tensor("float", ElementType.Float32, [5], null, null, false, -1));
        float[] input = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1e30f, 0.25f];
        Assert.Equal([-3, 127, -128, 127, -2], Run<sbyte>(graph, Graphs.Bytes(input)));
    }

    [Fact]
    public void States_keep_until_they_are_reset_to_their_zero_point()
    {
        // Memory of 2, time weights 1: each output is the sum of this input and the one before.
        Graph graph = Graphs.Single(
            new SvdfAttributes(1, Activation.None),
            Graphs.Activation([1, 1], 1, 0),
            Graphs.Activation([1, 1], 1, 0),
            Graphs.Weights([1, 1], 1, 1),
            Graphs.Weights([1, 2], 1, 1, 1),
            Graphs.Bias(0),
            Graphs.State([1, 2], 1, 9));
        ReferenceEvaluator evaluator = new(graph);
        Assert.Equal([9, 9], evaluator.TensorBytes(4).ToArray());
        Assert.Equal([10], Graphs.Values<sbyte>(evaluator.Invoke([Graphs.Bytes<sbyte>(10)])));
        Assert.Equal([30], Graphs.Values<sbyte>(evaluator.Invoke([Graphs.Bytes<sbyte>(20)])));
        Assert.Equal([19, 29], evaluator.TensorBytes(4).ToArray());
        evaluator.Reset();
        Assert.Equal([9, 9], evaluator.TensorBytes(4).ToArray());
        Assert.Equal([5], Graphs.Values<sbyte>(evaluator.Invoke([Graphs.Bytes<sbyte>(5)])));
    }

    [Fact]
    public void An_observer_sees_each_operator_with_its_source_index()
    {
        Graph graph = Add(1, 1);
        List<(int Op, int Tensor, byte[] Bytes)> seen = [];
        new ReferenceEvaluator(graph).Invoke(
            [Graphs.Bytes<sbyte>(1, 2), Graphs.Bytes<sbyte>(3, 4)],
            (node, tensor, bytes) => seen.Add((node.SourceIndex, tensor, bytes.ToArray())));
        (int op, int index, byte[] sum) = Assert.Single(seen);
        Assert.Equal((7, 2), (op, index));
        Assert.Equal([4, 6], sum);
    }

    [Fact]
    public void Inputs_of_the_wrong_number_or_size_are_refused()
    {
        ReferenceEvaluator evaluator = new(Add(1, 1));
        Assert.Contains("takes 2 inputs, got 1", Assert.Throws<ArgumentException>(() => evaluator.Invoke([new byte[2]])).Message, StringComparison.Ordinal);
        Assert.Contains("Input 1 takes 2 bytes, got 3", Assert.Throws<ArgumentException>(() => evaluator.Invoke([new byte[2], new byte[3]])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refusal_names_the_operator_and_the_cause()
    {
        // Common scale 2, output scale 2^-21: 2 / (2^20 × 2^-21) = 4.
        string message = Assert.Throws<NotSupportedException>(() => new ReferenceEvaluator(Add(1, 1.0f / (1 << 21)))).Message;
        Assert.Equal("Operator 7 (Add): A scale ratio of 4 must be above 0 and below 1 here.", message);
    }

    [Fact]
    public void Results_do_not_change_when_an_evaluator_is_used_again()
    {
        ReferenceEvaluator evaluator = new(Add(1, 1));
        byte[] first = evaluator.Invoke([Graphs.Bytes<sbyte>(1, 2), Graphs.Bytes<sbyte>(3, 4)])[0];
        evaluator.Invoke([Graphs.Bytes<sbyte>(9, 9), Graphs.Bytes<sbyte>(9, 9)]);
        Assert.Equal([4, 6], first);
    }

    private static Graph Add(float inputScale, float outputScale) => Graphs.Single(
        new ElementwiseAttributes(OperatorKind.Add, Activation.None),
        Graphs.Activation([2], outputScale, 0),
        Graphs.Activation([2], inputScale, 0),
        Graphs.Activation([2], inputScale, 0));

    private static T[] Run<T>(Graph graph, byte[] input)
        where T : unmanaged => Graphs.Values<T>(new ReferenceEvaluator(graph).Invoke([input]));
}
