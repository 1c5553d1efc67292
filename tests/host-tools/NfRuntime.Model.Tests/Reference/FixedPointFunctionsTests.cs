using System;
using NfRuntime.Model.Reference;
using Xunit;

namespace NfRuntime.Model.Tests.Reference;

public class FixedPointFunctionsTests
{
    [Theory]
    [InlineData(0.5, 0, 1 << 30)]
    [InlineData(1.0, 0, int.MaxValue)]
    [InlineData(48.0 / 17.0, 2, 1515870810)]
    [InlineData(-32.0 / 17.0, 2, -1010580540)]
    [InlineData(1.0 / 3.0, 0, 715827883)]
    public void Constants_round_half_away_and_saturate(double value, int integerBits, int expected) =>
        Assert.Equal(expected, FixedPointFunctions.FromDouble(value, integerBits));

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Exp_follows_the_real_function(int integerBits)
    {
        Assert.Equal(int.MaxValue, FixedPointFunctions.ExpOnNegative(0, integerBits));
        for (int i = 1; i < 4096; i++)
        {
            int a = -(int)((long)i << (31 - 12));
            double expected = Math.Exp(Math.ScaleB(a, integerBits - 31));
            double actual = Math.ScaleB(FixedPointFunctions.ExpOnNegative(a, integerBits), -31);
            Assert.True(Math.Abs(expected - actual) < 1e-5, $"exp of {a} in Q{integerBits}: {actual}, real {expected}");
        }
    }

    [Fact]
    public void Inverse_follows_the_real_function()
    {
        for (int i = 0; i < 1024; i++)
        {
            int a = i << 21;
            double expected = 1 / (1 + Math.ScaleB(a, -31));
            Assert.Equal(expected, Math.ScaleB(FixedPointFunctions.OneOverOnePlus(a), -31), 6);
        }
    }

    [Fact]
    public void Logistic_is_symmetric_and_follows_the_real_function()
    {
        Assert.Equal(1 << 30, FixedPointFunctions.Logistic(0));
        for (int i = 1; i < 1024; i++)
        {
            int a = i << 20;
            int positive = FixedPointFunctions.Logistic(a);
            Assert.Equal(int.MaxValue, positive + FixedPointFunctions.Logistic(-a));
            Assert.Equal(1 / (1 + Math.Exp(-Math.ScaleB(a, -27))), Math.ScaleB(positive, -31), 5);
        }
    }

    [Fact]
    public void Reciprocal_is_normalized()
    {
        // 3.0 in Q12: 1/3 = 2/3 × 2^−1.
        int reciprocal = FixedPointFunctions.Reciprocal(3 << 19, out int bitsOverUnit);
        Assert.Equal(1, bitsOverUnit);
        Assert.Equal(2.0 / 3.0, Math.ScaleB(reciprocal, -31), 7);
    }
}
