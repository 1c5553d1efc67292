using System;
using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using NfRuntime.Model.Plan;
using Xunit;

namespace NfRuntime.Model.Tests.Plan;

public class QuantizedMultiplierTests
{
    private static readonly Arbitrary<double> Factors =
        (from exponent in Gen.Choose(-40, 29)
         from fraction in Gen.Choose(0, int.MaxValue)
         select Math.ScaleB(1.0 + (fraction / (double)int.MaxValue), exponent)).ToArbitrary();

    private static readonly Arbitrary<int> Words = Gen.Choose(int.MinValue, int.MaxValue).ToArbitrary();

    [Theory]
    [InlineData(0.0, 0, 0)]
    [InlineData(1.0, 1 << 30, 1)]
    [InlineData(0.5, 1 << 30, 0)]
    [InlineData(0.75, 3 << 29, 0)]
    [InlineData(4.6566128730773926e-10, 1 << 30, -30)]
    [InlineData(1e-12, 0, 0)]
    public void Known_factors(double factor, int mantissa, int shift) =>
        Assert.Equal(new QuantizedMultiplier(mantissa, shift), QuantizedMultiplier.From(factor));

    // The fraction rounds up to 1: the mantissa is halved and the shift grows.
    [Fact]
    public void A_mantissa_of_two_to_the_31_is_halved() =>
        Assert.Equal(new QuantizedMultiplier(1 << 30, 1), QuantizedMultiplier.From(1.0 - Math.ScaleB(1, -40)));

    [Theory]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void What_is_no_factor_is_refused(double factor) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => QuantizedMultiplier.From(factor));

    [Fact]
    public void Shifts_beyond_the_plan_s_are_told() =>
        Assert.Equal((true, false), (QuantizedMultiplier.From(Math.ScaleB(1, 29)).IsRepresentable, QuantizedMultiplier.From(Math.ScaleB(1, 30)).IsRepresentable));

    // The reference's class was written apart from this one; the two must be one function.
    [Fact]
    public void Mantissa_and_shift_are_the_reference_s() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(Factors, factor =>
        {
            NfRuntime.Model.Reference.QuantizedMultiplier other = NfRuntime.Model.Reference.QuantizedMultiplier.From(factor);
            return QuantizedMultiplier.From(factor) == new QuantizedMultiplier(other.Multiplier, other.Shift);
        }));

    // Two exact roundings in unbounded integers: to nearest (ties up), then to nearest (ties away from zero).
    [Fact]
    public void Apply_rounds_twice() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(Factors, Words, (factor, word) =>
        {
            QuantizedMultiplier multiplier = QuantizedMultiplier.From(factor);
            int x = multiplier.Shift > 0 ? unchecked(word << multiplier.Shift) : word;
            BigInteger high = (((BigInteger)x * multiplier.Mantissa) + (BigInteger.One << 30)) >> 31;
            BigInteger magnitude = BigInteger.Abs(high);
            int right = Math.Max(-multiplier.Shift, 0);
            BigInteger rounded = right == 0 ? magnitude : (magnitude + (BigInteger.One << (right - 1))) >> right;
            return multiplier.Apply(word) == rounded * high.Sign;
        }));
}
