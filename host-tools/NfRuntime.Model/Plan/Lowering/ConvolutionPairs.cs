using System;
using System.Buffers.Binary;

namespace NfRuntime.Model.Plan.Lowering;

/// <summary>CONV_2D in <see cref="WeightLayout.Smlad"/>: pairs of channels with all that belongs to them (firmware/engine/SPEC.md section 6).</summary>
internal static class ConvolutionPairs
{
    private const int Head = 4; // bytes before a pair's weights, and behind them
    private const int Tail = 16;
    private const int Half = 1 << 30;

    /// <summary>The pairs of a convolution.</summary>
    /// <param name="weights">int8, [channels][depth].</param>
    /// <param name="bias">By channel, with the input's offset folded in.</param>
    /// <param name="multipliers">By channel.</param>
    /// <returns>Null when two channels do not fit a halfword, or a multiplier is a rare one: that operator has no pairs.</returns>
    public static byte[]? TryPack(ReadOnlySpan<byte> weights, ReadOnlySpan<int> bias, ReadOnlySpan<QuantizedMultiplier> multipliers)
    {
        int channels = bias.Length, depth = weights.Length / channels, size = Head + ChannelPairs.Bytes(depth) + Tail;
        var packed = new byte[checked((channels + 1) / 2 * size)];
        for (int channel = 0; channel < channels; channel += 2)
        {
            Span<byte> pair = packed.AsSpan(channel / 2 * size, size), tail = pair[^Tail..];
            var low = Channel.At(channel, weights, bias, multipliers);
            var high = Channel.At(channel + 1, weights, bias, multipliers);
            if (!low.IsUsual || !high.IsUsual || !ChannelPairs.TryPack(low.Weights, high.Weights, pair[Head..^Tail]))
            {
                return null;
            }

            BinaryPrimitives.WriteInt32LittleEndian(pair, low.Bias);
            BinaryPrimitives.WriteInt32LittleEndian(tail, high.Bias);
            BinaryPrimitives.WriteUInt32LittleEndian(tail[4..], (uint)low.Multiplier.Mantissa << 1);
            BinaryPrimitives.WriteUInt32LittleEndian(tail[8..], (uint)high.Multiplier.Mantissa << 1);
            tail[12] = (byte)-low.Multiplier.Shift;
            tail[13] = (byte)-high.Multiplier.Shift;
        }

        return packed;
    }

    private readonly ref struct Channel
    {
        public ReadOnlySpan<byte> Weights { get; private init; }

        public int Bias { get; private init; }

        public QuantizedMultiplier Multiplier { get; private init; }

        public bool IsUsual => Multiplier.Mantissa >= Half && Multiplier.Shift < 0;

        // A factor of 0 (a pruned channel, whose weights have a scale of next to nothing) makes any sum 0; the same as no
        // weights at all, as the partner of an odd last channel has them.
        public static Channel At(int index, ReadOnlySpan<byte> weights, ReadOnlySpan<int> bias, ReadOnlySpan<QuantizedMultiplier> multipliers)
        {
            if (index == bias.Length || multipliers[index].Mantissa == 0)
            {
                return new() { Weights = index == bias.Length ? default : new byte[weights.Length / bias.Length], Multiplier = new(Half, -1) };
            }

            int depth = weights.Length / bias.Length;
            return new() { Weights = weights.Slice(index * depth, depth), Bias = bias[index], Multiplier = multipliers[index] };
        }
    }
}
