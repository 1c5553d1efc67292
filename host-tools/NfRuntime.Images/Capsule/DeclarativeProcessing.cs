using System;
using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Images.Capsule;

/// <summary>An input or output of the plan, as the plan's I/O table says.</summary>
/// <param name="Scale">Finite, above 0.</param>
/// <param name="ZeroPoint">Within the type.</param>
/// <param name="Elements">All elements of the tensor.</param>
/// <param name="Bits">8 (int8) or 16 (int16).</param>
public sealed record TensorInfo(double Scale, int ZeroPoint, int Elements, int Bits = 8)
{
    public int Min => -(1 << (Bits - 1));

    public int Max => (1 << (Bits - 1)) - 1;
}

/// <summary>How a sample becomes the model's real number: real = (x × <paramref name="Scale"/> − <paramref name="Mean"/>) / <paramref name="Deviation"/>.</summary>
/// <param name="Scale">For example 1/255. Finite.</param>
/// <param name="Mean">Finite.</param>
/// <param name="Deviation">Finite, not 0.</param>
public sealed record ChannelNormalization(double Scale = 1, double Mean = 0, double Deviation = 1);

/// <summary>What an author declares for one input.</summary>
/// <param name="Input">Index of the plan's input.</param>
/// <param name="Source">The samples that a feed holds.</param>
/// <param name="Channels">1…4.</param>
/// <param name="Hop">Samples in one feed of a sliding window; 0: a feed is the whole tensor.</param>
public sealed record DeclaredInput(byte Input, SampleSource Source, IReadOnlyList<ChannelNormalization> Channels, int Hop = 0);

/// <summary>What an author declares for one output; <paramref name="Threshold"/> is a score, a real number.</summary>
public sealed record DeclaredOutput(byte Output, byte TopK = 1, double? Threshold = null, Debounce? Debounce = null, bool Labelled = false);

/// <summary>Folds scaling, normalization and quantization into what a device runs (firmware/capsule/SPEC.md, sections 2 and 3).</summary>
public static class DeclarativeProcessing
{
    /// <summary>Largest accepted error of the fixed-point form against real arithmetic, in quantized steps.</summary>
    public const double MaxError = 1.0 / 1024;

    /// <summary>The pre-processing of one input.</summary>
    /// <exception cref="ProcessingException">A number is out of range, the hop does not fit, or fixed point is too coarse.</exception>
    public static PreProcessing Derive(DeclaredInput declared, TensorInfo tensor)
    {
        ArgumentNullException.ThrowIfNull(declared);
        Check(tensor, $"input {declared.Input}");
        Require(declared.Channels.Count is >= 1 and <= PreProcessing.MaxChannels, $"input {declared.Input}: {declared.Channels.Count} channels; 1 to 4 are supported");
        Require(declared.Hop >= 0 && declared.Hop <= tensor.Elements, $"input {declared.Input}: hop {declared.Hop} for a tensor of {tensor.Elements} elements");
        return new PreProcessing
        {
            Input = declared.Input,
            Source = declared.Source,
            Channels = [.. declared.Channels.Select(c => Fold(declared, c, tensor))],
            Window = declared.Hop == 0 ? 0 : (uint)tensor.Elements,
            Hop = (uint)declared.Hop,
        };
    }

    /// <summary>The post-processing of one output. A score threshold t becomes the least q with (q − zero point) × scale ≥ t.</summary>
    /// <exception cref="ProcessingException">A number is out of range.</exception>
    public static PostProcessing Derive(DeclaredOutput declared, TensorInfo tensor)
    {
        ArgumentNullException.ThrowIfNull(declared);
        string what = $"output {declared.Output}";
        Check(tensor, what);
        Require(declared.TopK >= 1 && declared.TopK <= Math.Min(PostProcessing.MaxTopK, tensor.Elements), $"{what}: top {declared.TopK} of {tensor.Elements} classes; 1 to 8 are supported");
        int? threshold = null;
        if (declared.Threshold is { } score)
        {
            double q = Math.Ceiling((score / tensor.Scale) + tensor.ZeroPoint - 1e-6); // a score that is exactly a step stays it
            Require(q >= tensor.Min && q <= tensor.Max, $"{what}: threshold {score} lies outside what the output can hold");
            threshold = (int)q;
        }

        return new PostProcessing
        {
            Output = declared.Output,
            TopK = declared.TopK,
            Threshold = threshold,
            Debounce = declared.Debounce,
            Labelled = declared.Labelled,
            Scale = (float)tensor.Scale,
            ZeroPoint = tensor.ZeroPoint,
        };
    }

    private static ChannelAffine Fold(DeclaredInput declared, ChannelNormalization channel, TensorInfo tensor)
    {
        string what = $"input {declared.Input}";
        Require(double.IsFinite(channel.Scale) && double.IsFinite(channel.Mean) && double.IsFinite(channel.Deviation) && channel.Deviation != 0,
            $"{what}: scale, mean and deviation are finite numbers, the deviation not 0");
        double gain = channel.Scale / (channel.Deviation * tensor.Scale);
        double bias = tensor.ZeroPoint - (channel.Mean / (channel.Deviation * tensor.Scale));
        if (declared.Source != SampleSource.Float32)
        {
            return Quantize(what, gain, bias, MaxMagnitude(declared.Source));
        }

        var affine = new FloatAffine((float)gain, (float)bias);
        Require(float.IsFinite(affine.Scale) && float.IsFinite(affine.Bias), $"{what}: scale {gain} or bias {bias} is no float32");
        return affine;
    }

    // The finest shift at which multiplier and offset fit, then without common factors of two: x × 1 + 0 stays exactly that.
    private static IntegerAffine Quantize(string what, double gain, double bias, double maxMagnitude)
    {
        for (int shift = IntegerAffine.MaxShift; shift >= 0; shift--)
        {
            double multiplier = Math.Round(Math.ScaleB(gain, shift));
            double offset = Math.Round(Math.ScaleB(bias, shift));
            if (Math.Abs(multiplier) > int.MaxValue || Math.Abs(offset) >= IntegerAffine.OffsetLimit)
            {
                continue;
            }

            double error = (Math.Abs(gain - Math.ScaleB(multiplier, -shift)) * maxMagnitude) + Math.Abs(bias - Math.ScaleB(offset, -shift));
            Require(error <= MaxError, $"{what}: fixed point is {error:G3} steps off, more than {MaxError:G3}; use float32 samples");
            return Reduce((int)multiplier, shift, (long)offset);
        }

        throw new ProcessingException($"{what}: gain {gain} or bias {bias} is too large for fixed point");
    }

    private static IntegerAffine Reduce(int multiplier, int shift, long offset)
    {
        while (shift > 0 && (multiplier & 1) == 0 && (offset & 1) == 0)
        {
            (multiplier, shift, offset) = (multiplier / 2, shift - 1, offset / 2);
        }

        return new IntegerAffine(multiplier, (byte)shift, offset);
    }

    private static double MaxMagnitude(SampleSource source) => source switch
    {
        SampleSource.UInt8 => byte.MaxValue,
        SampleSource.Int8 => 128,
        _ => 32_768,
    };

    private static void Check(TensorInfo tensor, string what)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        Require(tensor.Bits is 8 or 16, $"{what}: {tensor.Bits}-bit tensors have no declarative processing; int8 and int16 do");
        Require(double.IsFinite(tensor.Scale) && tensor.Scale > 0, $"{what}: scale {tensor.Scale}");
        Require(tensor.ZeroPoint >= tensor.Min && tensor.ZeroPoint <= tensor.Max, $"{what}: zero point {tensor.ZeroPoint}");
        Require(tensor.Elements >= 1, $"{what}: no elements");
    }

    private static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new ProcessingException(message);
        }
    }
}

/// <summary>Declared processing that cannot be derived; the message names the input or output and the number.</summary>
public sealed class ProcessingException : Exception
{
    internal ProcessingException(string message)
        : base(message)
    {
    }
}
