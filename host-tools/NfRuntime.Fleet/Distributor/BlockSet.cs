using System;
using System.Numerics;

namespace NfRuntime.Fleet.Distribution;

/// <summary>A set of block numbers, 0 … 511.</summary>
internal sealed class BlockSet
{
    private const int Words = 8;
    private readonly ulong[] _bits = new ulong[Words];

    public bool IsEmpty => !_bits.AsSpan().ContainsAnyExcept(0ul);

    public int Count
    {
        get
        {
            int count = 0;
            foreach (ulong word in _bits)
            {
                count += BitOperations.PopCount(word);
            }

            return count;
        }
    }

    /// <summary>From a bit map of at most 64 bytes.</summary>
    public static BlockSet Of(ReadOnlySpan<byte> map)
    {
        var set = new BlockSet();
        for (int i = 0; i < map.Length; i++)
        {
            set._bits[i / 8] |= (ulong)map[i] << (i % 8 * 8);
        }

        return set;
    }

    public bool Contains(int block) => ((_bits[block / 64] >> (block % 64)) & 1) != 0;

    public void Add(int block) => _bits[block / 64] |= 1ul << (block % 64);

    public void Remove(int block) => _bits[block / 64] &= ~(1ul << (block % 64));

    public void Clear() => _bits.AsSpan().Clear();

    public void UnionWith(BlockSet other)
    {
        for (int i = 0; i < Words; i++)
        {
            _bits[i] |= other._bits[i];
        }
    }

    /// <summary>The first block from <paramref name="from"/> on, round the end; −1: none.</summary>
    public int NextCyclic(int from)
    {
        for (int i = 0; i <= Words; i++)
        {
            int word = ((from / 64) + i) % Words;
            ulong bits = i == 0 ? _bits[word] & (ulong.MaxValue << (from % 64)) : _bits[word];
            if (bits != 0)
            {
                return (word * 64) + BitOperations.TrailingZeroCount(bits);
            }
        }

        return -1;
    }
}
