using System;
using System.Linq;
using NfRuntime.Images.Capsule;
using Xunit;

namespace NfRuntime.Images.Tests.Capsule;

public class DeclarativeProcessingTests
{
    private static readonly TensorInfo Image = new(1 / 255.0, -128, 784);

    [Fact]
    public void Pixels_of_an_image_model_become_an_exact_subtraction()
    {
        PreProcessing pre = DeclarativeProcessing.Derive(new DeclaredInput(0, SampleSource.UInt8, [new(Scale: 1 / 255.0)]), Image);
        var affine = Assert.IsType<IntegerAffine>(Assert.Single(pre.Channels));
        Assert.All(Enumerable.Range(0, 256), x => Assert.Equal(x - 128, affine.Apply(x)));
        Assert.Equal((0u, 0u), (pre.Window, pre.Hop));
    }

    [Theory]
    [InlineData(SampleSource.UInt8, 1 / 255.0, 0.485, 0.229, 0.0186, -14)]
    [InlineData(SampleSource.Int8, 1.0, 3.5, -7.25, 0.05, 0)]
    [InlineData(SampleSource.Int16, 1 / 32768.0, 0.0, 1.0, 0.0078125, 0)]
    [InlineData(SampleSource.Int16, 1.0, 12_345.6, 1_000_000, 3e-7, 17)]
    [InlineData(SampleSource.Int16, 25.0, 0.0, 1.0, 1e-4, 0)]
    public void Fixed_point_is_real_arithmetic_but_for_ties(SampleSource source, double scale, double mean, double deviation, double tensorScale, int zeroPoint)
    {
        var tensor = new TensorInfo(tensorScale, zeroPoint, 16);
        PreProcessing pre = DeclarativeProcessing.Derive(new DeclaredInput(0, source, [new(scale, mean, deviation)]), tensor);
        var affine = (IntegerAffine)pre.Channels[0];
        (int from, int to) = source switch { SampleSource.UInt8 => (0, 255), SampleSource.Int8 => (-128, 127), _ => (-32_768, 32_767) };
        for (int x = from; x <= to; x++)
        {
            double exact = ((((x * scale) - mean) / deviation) / tensorScale) + zeroPoint;
            Assert.InRange(affine.Apply(x) - exact, -0.5 - DeclarativeProcessing.MaxError, 0.5 + DeclarativeProcessing.MaxError);
        }
    }

    [Fact]
    public void Float_samples_are_scaled_in_float32()
    {
        PreProcessing pre = DeclarativeProcessing.Derive(new DeclaredInput(1, SampleSource.Float32, [new()], Hop: 4), new TensorInfo(0.5, 3, 128));
        var affine = Assert.IsType<FloatAffine>(pre.Channels[0]);
        Assert.Equal((2f, 3f), (affine.Scale, affine.Bias));
        Assert.Equal((128u, 4u, 512L), (pre.Window, pre.Hop, pre.WindowBytes));
        Assert.Equal([4, 3, 127, -128, 3, 3], new[] { 0.25f, -0.25f, float.PositiveInfinity, -1e30f, float.NaN, 0f }.Select(x => affine.Apply(x, 3, -128, 127)));
    }

    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(0.7, 52)]
    [InlineData(0.0, -128)]
    public void A_score_threshold_is_the_least_step_that_reaches_it(double score, int q)
    {
        PostProcessing post = DeclarativeProcessing.Derive(new DeclaredOutput(0, Threshold: score), new TensorInfo(1 / 256.0, -128, 10));
        Assert.Equal(q, post.Threshold);
        Assert.True((q + 128) / 256.0 >= score && (q + 127) / 256.0 < score);
    }

    [Fact]
    public void What_cannot_be_derived_says_which_number()
    {
        Refused("5 channels", () => DeclarativeProcessing.Derive(new DeclaredInput(0, SampleSource.UInt8, [new(), new(), new(), new(), new()]), Image));
        Refused("deviation", () => DeclarativeProcessing.Derive(new DeclaredInput(0, SampleSource.UInt8, [new(Deviation: 0)]), Image));
        Refused("hop 785", () => DeclarativeProcessing.Derive(new DeclaredInput(0, SampleSource.UInt8, [new()], 785), Image));
        Refused("too large", () => DeclarativeProcessing.Derive(new DeclaredInput(0, SampleSource.UInt8, [new(Mean: 1e30)]), Image));
        Refused("steps off", () => DeclarativeProcessing.Derive(new DeclaredInput(0, SampleSource.Int16, [new(Scale: 1_000_000.123)]), Image));
        Refused("top 9", () => DeclarativeProcessing.Derive(new DeclaredOutput(0, 9), Image));
        Refused("top 3 of 2", () => DeclarativeProcessing.Derive(new DeclaredOutput(0, 3), Image with { Elements = 2 }));
        Refused("threshold 2", () => DeclarativeProcessing.Derive(new DeclaredOutput(0, Threshold: 2), Image));
        Refused("32-bit", () => DeclarativeProcessing.Derive(new DeclaredOutput(0), Image with { Bits = 32 }));
        Refused("zero point 128", () => DeclarativeProcessing.Derive(new DeclaredOutput(0), Image with { ZeroPoint = 128 }));
    }

    private static void Refused(string part, Action derive) =>
        Assert.Contains(part, Assert.Throws<ProcessingException>(derive).Message, StringComparison.Ordinal);
}
