using System;
using FsCheck;
using FsCheck.Fluent;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Reference;
using Xunit;

namespace NfRuntime.Model.Tests.Reference;

public class QuantizedMultiplierTests
{
    [Theory]
    [InlineData(0.0, 0, 0)]
    [InlineData(0.5, 1 << 30, 0)]
    [InlineData(1.0, 1 << 30, 1)]
    [InlineData(0.75, 3 << 29, 0)]
    [InlineData(0.1, 1717986918, -3)] // 0.8 × 2^31 = 1717986918.4
    [InlineData(1.0 - 1e-12, 1 << 30, 1)] // rounds to 2^31, is halved
    [InlineData(1.0 / (1L << 32), 1 << 30, -31)]
    [InlineData(1.0 / (1L << 33), 0, 0)] // shift −32 flushes to zero
    public void Mantissa_and_exponent_by_hand(double factor, int multiplier, int shift) =>
        Assert.Equal(new QuantizedMultiplier(multiplier, shift), QuantizedMultiplier.From(factor));

    [Theory]
    [InlineData(-0.5)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1073741824.0)]
    public void Factors_without_a_multiplier_are_refused(double factor) =>
        Assert.Throws<NotSupportedException>(() => QuantizedMultiplier.From(factor));

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    [InlineData(1.0 - 1e-12)]
    public void Factors_that_must_be_below_one_are_refused_at_one(double factor) =>
        Assert.Throws<NotSupportedException>(() => QuantizedMultiplier.FromBelowOne(factor));

    [Theory]
    [InlineData(100, 0.1, 10)]
    [InlineData(-100, 0.1, -10)]
    [InlineData(3, 0.25, 1)] // 0.75
    [InlineData(1, 0.25, 1)] // 0.5 first, which rounds to 1, then 1/2 rounds to 1: double rounding, where one rounding gives 0
    [InlineData(-1, 0.25, 0)] // −0.5 rounds to 0
    [InlineData(1000, 4.0, 4000)]
    public void Double_rounding_by_hand(int x, double factor, int expected) =>
        Assert.Equal(expected, QuantizedMultiplier.From(factor).Apply(x));

    [Fact]
    public void The_left_shift_wraps() => Assert.Equal(0, QuantizedMultiplier.From(4.0).Apply(1 << 29));

    [Theory]
    [InlineData(100L, 0.1, 10)]
    [InlineData(1L, 0.25, 0)]
    [InlineData(2L, 0.25, 1)] // 0.5 half up
    [InlineData(-2L, 0.25, 0)] // −0.5 half up
    [InlineData(1L << 40, 1.0 / 4096, 1 << 28)]
    public void Sixty_four_bits_round_once_half_up(long x, double factor, int expected) =>
        Assert.Equal(expected, QuantizedMultiplier.From(factor).Apply(x));

    [Fact]
    public void The_reduced_multiplier_is_capped()
    {
        // 0x7FFFFFFF would round to 0x8000, which is no int16: 0x7FFF × 2^16 / 2^15, plus the half.
        Assert.Equal(65534, new QuantizedMultiplier(int.MaxValue, 0).Apply(65536L));
    }

    [Fact]
    public void Applying_stays_within_one_of_the_real_product() =>
        Prop.ForAll(
            Gen.Choose(-(1 << 24), 1 << 24).ToArbitrary(),
            Gen.Choose(1, 1 << 30).Select(v => v * Math.ScaleB(1, -31)).ToArbitrary(),
            (x, factor) => Math.Abs(QuantizedMultiplier.From(factor).Apply(x) - (x * factor)) <= 1).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(1 << 30, 1, 3, 715827882, 0)] // 1/3: 2^31 / 3 = 715827882.67 truncated
    [InlineData(1 << 30, 1, 1, 1 << 30, 1)]
    [InlineData(1 << 30, 1, 4, 1 << 30, -1)]
    [InlineData(1 << 30, -31, 4, 1 << 28, -31)] // no room for the shift
    public void Mean_divides_the_multiplier_with_truncation(int multiplier, int shift, long n, int expected, int expectedShift) =>
        Assert.Equal(new QuantizedMultiplier(expected, expectedShift), Mean.DivideBy(new QuantizedMultiplier(multiplier, shift), n));

    [Fact]
    public void Ratio_of_a_fully_connected_layer_rounds_its_product_to_float32()
    {
        // (1 + 2^-12)^2 = 1 + 2^-11 + 2^-24, in float32 1 + 2^-11: 2^30 + 2^19, where a double product gives 2^6 more.
        float scale = 1 + (1.0f / 4096);
        Assert.Equal(new QuantizedMultiplier((1 << 30) + (1 << 19), 1), FullyConnected.PerTensorMultiplier(scale, scale, 1));
        Tensor tensor = Graphs.Activation([1, 1], scale, 0);
        Tensor output = Graphs.Activation([1, 1], 1, 0);
        Assert.Equal([new QuantizedMultiplier((1 << 30) + (1 << 19) + (1 << 6), 1)], OutputStage.PerChannel(tensor, tensor, output, 1));
    }

    [Fact]
    public void Ratio_of_an_svdf_is_a_float32()
    {
        // float32(1/3) = 11184811 × 2^-25.
        Assert.Equal(new QuantizedMultiplier(11184811 * 128, -1), Svdf.Multiplier(1, 1, 3));
    }
}
