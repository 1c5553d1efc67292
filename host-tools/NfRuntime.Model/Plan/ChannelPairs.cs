using System;
using System.Buffers.Binary;

namespace NfRuntime.Model.Plan;

/// <summary>
/// Two output channels' weights in one halfword a tap (firmware/engine/SPEC.md section 6): 256 × high + low as int16. One
/// SMLAD with it sums 256 × high + low, one with its sign-extended low bytes sums low alone, and the difference is high.
/// </summary>
public static class ChannelPairs
{
    /// <summary>
    /// What the sum of |weight| of a high channel has to stay below: 65,536 × 128 = 2^23, so that its sum over int8
    /// activations is what the upper 24 bits of the difference say.
    /// </summary>
    public const int HighMagnitude = 65_536;

    private const int Block = 4; // taps of two words: 0 and 2, 1 and 3

    /// <summary>Bytes of a pair of channels of <paramref name="depth"/> weights each.</summary>
    public static int Bytes(int depth) => checked((depth + Block - 1) / Block * Block * 2);

    /// <summary>Packs a pair: of each four taps a word of taps 0 and 2, then one of taps 1 and 3; behind the depth zeros.</summary>
    /// <param name="low">int8 weights of the low channel.</param>
    /// <param name="high">Those of the high one; none where an odd last channel has no partner.</param>
    /// <param name="packed"><see cref="Bytes"/> of the depth.</param>
    /// <returns>
    /// False when a halfword is no int16 (high −128 with a negative low) or the high channel's sums may exceed 24 bits; what is
    /// in <paramref name="packed"/> is of no use then.
    /// </returns>
    public static bool TryPack(ReadOnlySpan<byte> low, ReadOnlySpan<byte> high, Span<byte> packed)
    {
        packed.Clear();
        long magnitude = 0;
        for (int tap = 0; tap < low.Length; tap++)
        {
            int upper = high.IsEmpty ? 0 : (sbyte)high[tap];
            int both = (256 * upper) + (sbyte)low[tap];
            magnitude += Math.Abs(upper);
            if (both < short.MinValue)
            {
                return false;
            }

            BinaryPrimitives.WriteInt16LittleEndian(packed[(2 * Place(tap))..], (short)both);
        }

        return magnitude < HighMagnitude;
    }

    // The halfword of a tap: in each four the order is 0, 2, 1, 3.
    private static int Place(int tap) => (tap & ~3) | ((tap & 1) << 1) | ((tap >> 1) & 1);
}
