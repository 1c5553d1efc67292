using System;
using System.Collections.Generic;

namespace NfRuntime.Images.Capsule;

/// <summary>What a feed consists of; the numbers are permanent.</summary>
public enum SampleSource
{
    UInt8 = 0,
    Int8 = 1,
    Int16 = 2,
    Float32 = 3,
}

/// <summary>Declarative pre-processing of one input: firmware/capsule/SPEC.md, section 2.</summary>
public sealed record PreProcessing
{
    public const int MaxChannels = 4;

    /// <summary>Index of the plan's input.</summary>
    public required byte Input { get; init; }

    public required SampleSource Source { get; init; }

    /// <summary>1…4; sample i uses entry i mod count. <see cref="FloatAffine"/> exactly for <see cref="SampleSource.Float32"/>.</summary>
    public required IReadOnlyList<ChannelAffine> Channels { get; init; }

    /// <summary>Elements of the tensor, which then holds the last samples; 0 = a feed is the whole tensor.</summary>
    public uint Window { get; init; }

    /// <summary>Samples in one feed, 1…<see cref="Window"/>; 0 without a window.</summary>
    public uint Hop { get; init; }

    /// <summary>Bytes that a device keeps between feeds.</summary>
    public long WindowBytes => (long)Window * Source switch
    {
        SampleSource.Float32 => 4,
        SampleSource.Int16 => 2,
        _ => 1,
    };
}

/// <summary>How the samples of one channel become quantized values.</summary>
public abstract record ChannelAffine;

/// <summary>q = clamp((x × multiplier + offset + (shift ? 2^(shift−1) : 0)) >> shift), 64-bit, arithmetic shift.</summary>
/// <param name="Multiplier">Any 32-bit value.</param>
/// <param name="Shift">0…40.</param>
/// <param name="Offset">Magnitude below 2^55.</param>
public sealed record IntegerAffine(int Multiplier, byte Shift, long Offset) : ChannelAffine
{
    public const int MaxShift = 40;
    public const long OffsetLimit = 1L << 55;

    /// <summary>The quantized value of sample <paramref name="x"/> before the clamp.</summary>
    public long Apply(int x) => (((long)x * Multiplier) + Offset + (Shift == 0 ? 0 : 1L << (Shift - 1))) >> Shift;
}

/// <summary>q = clamp(round half away (x × scale + bias)), in float32, each operation rounded.</summary>
/// <param name="Scale">Finite.</param>
/// <param name="Bias">Finite.</param>
public sealed record FloatAffine(float Scale, float Bias) : ChannelAffine
{
    /// <summary>The quantized value of sample <paramref name="x"/>, clamped to <paramref name="min"/>…<paramref name="max"/>; NaN gives the zero point.</summary>
    public int Apply(float x, int zeroPoint, int min, int max)
    {
        float product = x * Scale;
        float sum = product + Bias;
        return float.IsNaN(sum) ? zeroPoint : (int)Math.Clamp(MathF.Round(sum, MidpointRounding.AwayFromZero), min, max);
    }
}

/// <summary>Declarative post-processing of one output: firmware/capsule/SPEC.md, section 3.</summary>
public sealed record PostProcessing
{
    public const int MaxTopK = 8;
    public const int MaxDebounceWindow = 16;

    public required byte Output { get; init; }

    /// <summary>1…8 results; 1 = arg-max.</summary>
    public required byte TopK { get; init; }

    /// <summary>In quantized units: a class counts when q ≥ threshold. Null: every class counts.</summary>
    public int? Threshold { get; init; }

    public Debounce? Debounce { get; init; }

    /// <summary>The labels section, which is then required, names the classes.</summary>
    public bool Labelled { get; init; }

    /// <summary>Scale of the output, finite and above 0: score = (q − zero point) × scale.</summary>
    public required float Scale { get; init; }

    public required int ZeroPoint { get; init; }
}

/// <summary>A class is reported when decided in at least <paramref name="Needed"/> of the last <paramref name="Window"/> inferences; 1 ≤ needed ≤ window ≤ 16.</summary>
public sealed record Debounce(byte Needed, byte Window);
