using System;
using FsCheck;
using FsCheck.Fluent;
using NfRuntime.Model.Reference;
using Xunit;

namespace NfRuntime.Model.Tests.Reference;

public class FixedPointTests
{
    [Theory]
    [InlineData(1 << 30, 1 << 30, 1 << 29)] // 0.5 × 0.5 = 0.25
    [InlineData(3, 1 << 30, 2)] // 1.5 away from zero
    [InlineData(-3, 1 << 30, -1)] // −1.5: (p + 1 − 2^30) / 2^31 truncates to −1
    [InlineData(-4, 1 << 30, -2)]
    [InlineData(-5, 1 << 30, -2)] // −2.5 towards zero
    [InlineData(int.MinValue, int.MinValue, int.MaxValue)]
    [InlineData(int.MinValue, int.MaxValue, -int.MaxValue)]
    [InlineData(0, int.MinValue, 0)]
    public void High_multiply_rounds_ties_up_and_saturates_once(int a, int b, int expected) =>
        Assert.Equal(expected, FixedPoint.SaturatingRoundingDoublingHighMul(a, b));

    [Theory]
    [InlineData(5, 1, 3)]
    [InlineData(-5, 1, -3)]
    [InlineData(-4, 1, -2)]
    [InlineData(6, 2, 2)] // 1.5
    [InlineData(-6, 2, -2)]
    [InlineData(5, 2, 1)] // 1.25
    [InlineData(7, 0, 7)]
    [InlineData(int.MaxValue, 31, 1)]
    [InlineData(int.MinValue, 31, -1)]
    [InlineData(-(1 << 30), 31, -1)] // −0.5
    [InlineData((1 << 30) - 1, 31, 0)]
    public void Divide_by_power_of_two_rounds_half_away(int x, int exponent, int expected) =>
        Assert.Equal(expected, FixedPoint.RoundingDivideByPowerOfTwo(x, exponent));

    [Fact]
    public void Divide_by_power_of_two_is_the_exact_quotient_rounded_half_away() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<int>(),
            Gen.Choose(0, 31).ToArbitrary(),
            (x, exponent) => FixedPoint.RoundingDivideByPowerOfTwo(x, exponent)
                == (int)Math.Round(Math.ScaleB(x, -exponent), MidpointRounding.AwayFromZero)).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(3, 2, 12)]
    [InlineData((1 << 29) - 1, 2, int.MaxValue - 3)]
    [InlineData(1 << 29, 2, int.MaxValue)]
    [InlineData(-(1 << 29), 2, int.MinValue)]
    [InlineData(-(1 << 29) + 1, 2, int.MinValue + 4)]
    public void Left_shift_saturates(int x, int exponent, int expected) =>
        Assert.Equal(expected, FixedPoint.SaturatingLeftShift(x, exponent));

    [Theory]
    [InlineData(1, 2, 2)]
    [InlineData(-1, -2, -2)]
    [InlineData(int.MaxValue, int.MaxValue, int.MaxValue)]
    [InlineData(int.MinValue, int.MinValue, int.MinValue)]
    [InlineData(0, 0, 0)]
    public void Half_sum_rounds_half_away(int a, int b, int expected) => Assert.Equal(expected, FixedPoint.RoundingHalfSum(a, b));

    [Theory]
    [InlineData(0.5f, 1)]
    [InlineData(0.49999997f, 0)]
    [InlineData(-2.5f, -3)]
    [InlineData(8388607.5f, 8388608)]
    [InlineData(1e20f, int.MaxValue)]
    [InlineData(float.NegativeInfinity, int.MinValue)]
    [InlineData(float.NaN, 0)]
    public void Float_rounds_half_away_and_saturates(float value, int expected) => Assert.Equal(expected, FixedPoint.RoundToInt(value));
}
