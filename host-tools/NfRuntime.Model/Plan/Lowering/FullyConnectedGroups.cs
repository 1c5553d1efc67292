using System;
using System.Buffers.Binary;

namespace NfRuntime.Model.Plan.Lowering;

/// <summary>FULLY_CONNECTED in <see cref="WeightLayout.Smlad"/>: groups of up to four pairs of units with their biases (firmware/engine/SPEC.md section 6).</summary>
internal static class FullyConnectedGroups
{
    private const int GroupPairs = 4;
    private const int Word = 4;
    private const int HighWords = 3; // of a whole group: four biases of 24 bits
    private const int HighLimit = 1 << 23;
    private const int Block = 8; // bytes of a pair's four taps

    /// <summary>The groups of a layer.</summary>
    /// <param name="weights">int8, [units][depth].</param>
    /// <param name="bias">By unit, with the input's offset folded in.</param>
    /// <returns>Null when two units do not fit a halfword, or a high unit's bias 24 bits: that operator has none.</returns>
    public static byte[]? TryPack(ReadOnlySpan<byte> weights, ReadOnlySpan<int> bias)
    {
        int units = bias.Length, depth = weights.Length / units, size = ChannelPairs.Bytes(depth), pairs = (units + 1) / 2;
        int whole = checked((GroupPairs * (size + Word)) + (HighWords * Word)), rest = pairs % GroupPairs;
        var packed = new byte[checked((pairs / GroupPairs * whole) + (rest * (size + (2 * Word))))];
        var pair = new byte[size];
        for (int i = 0; i < pairs; i++)
        {
            int first = i / GroupPairs * GroupPairs, count = Math.Min(GroupPairs, pairs - first), low = 2 * i;
            bool isAlone = low + 1 == units;
            if (!ChannelPairs.TryPack(weights.Slice(low * depth, depth), isAlone ? default : weights.Slice((low + 1) * depth, depth), pair))
            {
                return null;
            }

            Span<byte> group = packed.AsSpan(first / GroupPairs * whole);
            BinaryPrimitives.WriteInt32LittleEndian(group[((i - first) * Word)..], bias[low]);
            for (int at = 0; at < size; at += Block)
            {
                pair.AsSpan(at, Block).CopyTo(group[((count * (Word + at)) + ((i - first) * Block))..]);
            }

            if (!TryWriteHigh(group[(count * (Word + size))..], i - first, count, isAlone ? 0 : bias[low + 1]))
            {
                return null;
            }
        }

        return packed;
    }

    // Of a whole group: pair i's in the upper 24 bits of word i; the fourth's in the low bytes, the lowest first.
    private static bool TryWriteHigh(Span<byte> biases, int pair, int count, int bias)
    {
        if (count < GroupPairs)
        {
            BinaryPrimitives.WriteInt32LittleEndian(biases[(pair * Word)..], bias);
            return true;
        }

        for (int i = 0; i < HighWords; i++)
        {
            biases[pair < HighWords ? (pair * Word) + 1 + i : i * Word] = (byte)(bias >> (8 * i));
        }

        return bias is >= -HighLimit and < HighLimit;
    }
}
