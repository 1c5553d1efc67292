using System;
using System.IO;

namespace NfRuntime.Images.Capsule;

/// <summary>Bytes of firmware/capsule/SPEC.md, sections 2 and 3.</summary>
internal static class ProcessingCodec
{
    private const int PreHeaderBytes = 12;
    private const int AffineBytes = 16;
    private const int PostBytes = 20;
    private const byte FlagThreshold = 1;
    private const byte FlagDebounce = 2;
    private const byte FlagLabels = 4;

    public static void Write(BinaryWriter writer, PreProcessing pre)
    {
        writer.Write(pre.Input);
        writer.Write((byte)pre.Source);
        writer.Write((byte)Math.Min(pre.Channels.Count, byte.MaxValue));
        writer.Write((byte)0);
        writer.Write(pre.Window);
        writer.Write(pre.Hop);
        foreach (ChannelAffine channel in pre.Channels)
        {
            if ((channel is FloatAffine) != (pre.Source == SampleSource.Float32))
            {
                throw new ArgumentException($"input {pre.Input}: a {pre.Source} source has a {channel.GetType().Name}", nameof(pre));
            }

            Write(writer, channel);
        }
    }

    public static void Write(BinaryWriter writer, PostProcessing post)
    {
        writer.Write(post.Output);
        writer.Write(post.TopK);
        writer.Write((byte)((post.Threshold is null ? 0 : FlagThreshold)
            | (post.Debounce is null ? 0 : FlagDebounce) | (post.Labelled ? FlagLabels : 0)));
        writer.Write(post.Debounce?.Needed ?? 0);
        writer.Write(post.Debounce?.Window ?? 0);
        writer.Write(new byte[3]);
        writer.Write(post.Threshold ?? 0);
        writer.Write(post.Scale);
        writer.Write(post.ZeroPoint);
    }

    public static PreProcessing ReadPre(ByteCursor value)
    {
        int length = value.Remaining;
        value.Require(length >= PreHeaderBytes, "pre-length", $"a pre-processing value has {length} bytes");
        byte input = value.U8();
        byte source = value.U8();
        value.Require(source <= (byte)SampleSource.Float32, "pre-source", $"source {source} is unknown");
        byte channels = value.U8();
        value.Require(channels is >= 1 and <= PreProcessing.MaxChannels, "pre-channels", $"{channels} channels; 1 to 4 are allowed");
        value.Require(length == PreHeaderBytes + (channels * AffineBytes), "pre-length", $"{length} bytes for {channels} channels");
        value.Zeros(1);
        uint window = value.U32();
        uint hop = value.U32();
        value.Require(window == 0 ? hop == 0 : hop >= 1 && hop <= window, "pre-hop", $"hop {hop} with window {window}");
        var affines = new ChannelAffine[channels];
        for (int i = 0; i < channels; i++)
        {
            affines[i] = source == (byte)SampleSource.Float32 ? ReadFloat(ref value) : ReadInteger(ref value);
        }

        return new PreProcessing { Input = input, Source = (SampleSource)source, Channels = affines, Window = window, Hop = hop };
    }

    public static PostProcessing ReadPost(ByteCursor value)
    {
        value.Require(value.Remaining == PostBytes, "post-length", $"a post-processing value has {value.Remaining} bytes");
        byte output = value.U8();
        byte topK = value.U8();
        value.Require(topK is >= 1 and <= PostProcessing.MaxTopK, "post-top-k", $"top_k {topK}; 1 to 8 are allowed");
        byte flags = value.U8();
        value.Require((flags & ~(FlagThreshold | FlagDebounce | FlagLabels)) == 0, "post-flags", $"flags {flags:x2} has unknown bits");
        byte needed = value.U8();
        byte window = value.U8();
        bool debounce = (flags & FlagDebounce) != 0;
        value.Require(debounce ? needed >= 1 && needed <= window && window <= PostProcessing.MaxDebounceWindow : needed == 0 && window == 0,
            "post-debounce", $"debounce {needed} of {window}");
        value.Zeros(3);
        int threshold = value.I32();
        bool hasThreshold = (flags & FlagThreshold) != 0;
        value.Require(hasThreshold || threshold == 0, "post-threshold", $"threshold {threshold} without its flag");
        float scale = value.F32();
        value.Require(float.IsFinite(scale) && scale > 0, "post-scale", "the scale is not a finite number above 0");
        return new PostProcessing
        {
            Output = output,
            TopK = topK,
            Threshold = hasThreshold ? threshold : null,
            Debounce = debounce ? new Debounce(needed, window) : null,
            Labelled = (flags & FlagLabels) != 0,
            Scale = scale,
            ZeroPoint = value.I32(),
        };
    }

    private static void Write(BinaryWriter writer, ChannelAffine channel)
    {
        if (channel is FloatAffine real)
        {
            writer.Write(real.Scale);
            writer.Write(real.Bias);
            writer.Write(0L);
            return;
        }

        var integer = (IntegerAffine)channel;
        writer.Write(integer.Multiplier);
        writer.Write(integer.Shift);
        writer.Write(new byte[3]);
        writer.Write(integer.Offset);
    }

    private static IntegerAffine ReadInteger(ref ByteCursor value)
    {
        int multiplier = value.I32();
        byte shift = value.U8();
        value.Require(shift <= IntegerAffine.MaxShift, "affine-shift", $"shift {shift}; at most {IntegerAffine.MaxShift} is allowed");
        value.Zeros(3);
        long offset = value.I64();
        value.Require(offset is > -IntegerAffine.OffsetLimit and < IntegerAffine.OffsetLimit, "affine-offset", $"offset {offset}");
        return new IntegerAffine(multiplier, shift, offset);
    }

    private static FloatAffine ReadFloat(ref ByteCursor value)
    {
        float scale = value.F32();
        float bias = value.F32();
        value.Require(float.IsFinite(scale) && float.IsFinite(bias), "affine-finite", "scale or bias is not finite");
        value.Zeros(8);
        return new FloatAffine(scale, bias);
    }
}
