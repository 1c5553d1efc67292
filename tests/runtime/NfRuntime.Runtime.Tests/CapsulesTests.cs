using System;
using NfRuntime.Capsules;
using NfRuntime.Native;
using Xunit;

namespace NfRuntime.Runtime.Tests;

public class CapsulesTests
{
    [Theory]
    [InlineData(0f, 0.5f, 3, 3)]
    [InlineData(0.25f, 0.5f, 0, 1)]   // half away from zero
    [InlineData(-0.25f, 0.5f, 0, -1)]
    [InlineData(0.24999999f, 0.5f, 0, 0)]
    [InlineData(1e30f, 0.5f, -128, 127)]
    [InlineData(-1e30f, 0.5f, 127, -128)]
    [InlineData(float.PositiveInfinity, 1f, 0, 127)]
    [InlineData(float.NaN, 1f, 7, 7)]
    [InlineData(255f, 1f, -128, 127)]
    public void Quantize_rounds_half_away_and_clamps(float value, float scale, int zeroPoint, int expected) =>
        Assert.Equal(expected, Quantization.Quantize(value, scale, zeroPoint));

    [Fact]
    public void Quantize_is_the_inverse_of_dequantize()
    {
        for (int q = -128; q <= 127; q++)
        {
            Assert.Equal(q, Quantization.Quantize(Quantization.Dequantize((sbyte)q, 0.0390625f, 11), 0.0390625f, 11));
        }
    }

    [Fact]
    public void Quantize_agrees_with_round_half_away_in_double()
    {
        for (int i = -4000; i <= 4000; i++)
        {
            float x = i / 16f;
            int expected = Math.Clamp((int)Math.Round(x, MidpointRounding.AwayFromZero) - 5, -128, 127);
            Assert.Equal(expected, Quantization.Quantize(x, 1f, -5));
        }
    }

    [Fact]
    public void Result_keeps_the_best_in_order_and_drops_the_rest()
    {
        CapsuleResult result = new();
        float[] scores = [0.1f, 0.9f, 0.5f, 0.5f, 0.2f, 0.3f, 0.8f, 0.7f, 0.6f, 0.05f];
        for (int i = 0; i < scores.Length; i++)
        {
            result.Add(i, scores[i]);
        }

        int[] classes = new int[result.Count];
        for (int i = 0; i < classes.Length; i++)
        {
            classes[i] = result.ClassAt(i);
        }

        Assert.Equal([1, 6, 7, 8, 2, 3, 5, 4], classes);
        Assert.Equal(0.9f, result.ScoreAt(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => result.ClassAt(8));
        result.Clear();
        Assert.Equal(0, result.Count);
        Assert.Equal(CapsuleResult.None, result.Decision);
    }

    [Fact]
    public void Tensor_info_counts_elements()
    {
        Assert.Equal(784, new TensorInfo(TensorInfo.Int8, [1, 28, 28, 1], 784, 0.5f, 0).ElementCount);
    }
}
