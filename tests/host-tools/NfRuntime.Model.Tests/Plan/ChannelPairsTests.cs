using System;
using System.Buffers.Binary;
using NfRuntime.Model.Plan;
using Xunit;

namespace NfRuntime.Model.Tests.Plan;

/// <summary>Two channels in a halfword: what sums over it say of each.</summary>
public class ChannelPairsTests
{
    [Fact]
    public void Taps_0_and_2_share_the_first_word_1_and_3_the_second()
    {
        var packed = new byte[ChannelPairs.Bytes(5)];
        Assert.True(ChannelPairs.TryPack([1, 2, 3, 4, 5], [10, 20, 30, 40, 50], packed));
        Assert.Equal([1, 10, 3, 30, 2, 20, 4, 40, 5, 50, 0, 0, 0, 0, 0, 0], packed);
    }

    [Fact]
    public void The_high_byte_makes_up_for_a_negative_low_one()
    {
        var packed = new byte[8];
        Assert.True(ChannelPairs.TryPack([0xff], [0], packed));
        Assert.Equal(-1, BinaryPrimitives.ReadInt16LittleEndian(packed));
        Assert.True(ChannelPairs.TryPack([0x80], [0x81], packed));
        Assert.Equal(short.MinValue + 128, BinaryPrimitives.ReadInt16LittleEndian(packed));
    }

    [Fact]
    public void A_high_weight_of_128_below_zero_needs_a_low_one_that_is_not_negative()
    {
        var packed = new byte[8];
        Assert.True(ChannelPairs.TryPack([0], [0x80], packed));
        Assert.False(ChannelPairs.TryPack([0xff], [0x80], packed));
    }

    [Theory]
    [InlineData(516, true)] // 65,532
    [InlineData(517, false)]
    public void A_high_channel_has_sums_of_24_bits(int depth, bool fits)
    {
        var rows = new byte[depth];
        rows.AsSpan().Fill(0x81); // −127
        Assert.Equal(fits, ChannelPairs.TryPack(rows, rows, new byte[ChannelPairs.Bytes(depth)]));
        Assert.True(ChannelPairs.TryPack(rows, [], new byte[ChannelPairs.Bytes(depth)]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Sums_over_both_and_over_the_low_bytes_give_each_channel(int seed)
    {
        var random = new Random(seed);
        int depth = 1 + random.Next(500);
        byte[] low = new byte[depth], high = new byte[depth], inputs = new byte[depth];
        random.NextBytes(low);
        random.NextBytes(inputs);
        for (int i = 0; i < depth; i++)
        {
            high[i] = (byte)random.Next(-127, 128);
        }

        var packed = new byte[ChannelPairs.Bytes(depth)];
        Assert.True(ChannelPairs.TryPack(low, high, packed));
        int lows = 0, both = 0, ofLow = 0, ofHigh = 0;
        for (int i = 0; i < depth; i++)
        {
            int place = (i & ~3) | ((i % 4) switch { 1 => 2, 2 => 1, int k => k });
            lows += (sbyte)packed[2 * place] * (sbyte)inputs[i];
            both += BinaryPrimitives.ReadInt16LittleEndian(packed.AsSpan(2 * place)) * (sbyte)inputs[i];
            ofLow += (sbyte)low[i] * (sbyte)inputs[i];
            ofHigh += (sbyte)high[i] * (sbyte)inputs[i];
        }

        Assert.Equal(ofLow, lows);
        Assert.Equal(ofHigh, (both - lows) >> 8);
    }
}
