using System;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Reference;
using Xunit;

namespace NfRuntime.Model.Tests.Reference;

/// <summary>The edges of int8 SOFTMAX and LOGISTIC, where the goldens do not go.</summary>
public class ScaledInputTests
{
    [Theory]
    [InlineData(1 << 26, 5, 15)] // 31 × 2^26 / 2^27 = 15.5
    [InlineData(1 << 29, 5, 1)] // shift 30: 1.94
    [InlineData(1 << 30, 5, 0)]
    [InlineData(1e12, 4, 0)]
    public void Radius_by_hand(double ratio, int integerBits, int radius) =>
        Assert.Equal(radius, ScaledInput.From(ratio, integerBits).Radius);

    [Fact]
    public void A_ratio_without_a_radius_is_refused() => Assert.Throws<NotSupportedException>(() => ScaledInput.From(0.4, 4));

    [Fact]
    public void Logistic_of_a_huge_scale_is_a_step()
    {
        // Radius 0: the reference asks x <= -0 first, so that sigmoid(0) is not 1/2.
        Graph graph = Graphs.Single(
            new PlainAttributes(OperatorKind.Logistic), Graphs.Activation([3], 1.0f / 256, -128), Graphs.Activation([3], 8, 0));
        Assert.Equal([-128, -128, 127], Run(graph, -1, 0, 1));
    }

    [Fact]
    public void Softmax_of_a_huge_scale_shares_among_the_largest()
    {
        Graph graph = Graphs.Single(
            new SoftmaxAttributes(1), Graphs.Activation([4], 1.0f / 256, -128), Graphs.Activation([4], 16, 0));
        Assert.Equal([-128, 0, 0, -128], Run(graph, 4, 5, 5, -128));
    }

    [Theory]
    [InlineData(511, -127)] // 256 / 511 rounds to 1
    [InlineData(512, -128)] // the exponent passes 31
    [InlineData(4095, -128)]
    public void Softmax_of_many_equal_elements(int depth, int expected)
    {
        sbyte[] output = Run(Softmax(depth), new sbyte[depth]);
        Assert.All(output, value => Assert.Equal(expected, value));
    }

    [Fact]
    public void Softmax_of_too_many_elements_is_refused() =>
        Assert.Contains("4096 elements", Assert.Throws<NotSupportedException>(() => new ReferenceEvaluator(Softmax(4096))).Message, StringComparison.Ordinal);

    private static Graph Softmax(int depth) => Graphs.Single(
        new SoftmaxAttributes(1), Graphs.Activation([depth], 1.0f / 256, -128), Graphs.Activation([depth], 0.1f, 0));

    private static sbyte[] Run(Graph graph, params sbyte[] input) =>
        Graphs.Values<sbyte>(new ReferenceEvaluator(graph).Invoke([Graphs.Bytes(input)]));
}
