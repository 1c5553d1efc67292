using System;
using System.Collections.Generic;
using System.Numerics;

namespace NfRuntime.Model.Plan;

/// <summary>The constants of a plan: each content is stored once, at a multiple of its alignment.</summary>
internal sealed class ConstantPool
{
    private readonly Dictionary<ulong, List<(int Offset, int Length)>> _byHash = [];
    private byte[] _bytes = new byte[1024];

    /// <summary>Bytes used so far.</summary>
    public int Count { get; private set; }

    public ReadOnlyMemory<byte> ToMemory() => _bytes.AsMemory(0, Count).ToArray();

    /// <summary>Stores <paramref name="content"/>, or finds it, and returns its offset from the start of the constants.</summary>
    /// <param name="content">At least one byte.</param>
    /// <param name="alignment">A power of two, at most 16.</param>
    public uint Add(ReadOnlySpan<byte> content, int alignment)
    {
        ulong hash = Hash(content);
        if (!_byHash.TryGetValue(hash, out List<(int Offset, int Length)>? candidates))
        {
            _byHash[hash] = candidates = [];
        }

        foreach ((int offset, int length) in candidates)
        {
            if (length == content.Length && offset % alignment == 0 && content.SequenceEqual(_bytes.AsSpan(offset, length)))
            {
                return (uint)offset;
            }
        }

        int start = (Count + alignment - 1) & -alignment;
        Reserve(checked(start + content.Length));
        content.CopyTo(_bytes.AsSpan(start));
        Count = start + content.Length;
        candidates.Add((start, content.Length));
        return (uint)start;
    }

    private void Reserve(int bytes)
    {
        if (bytes > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, (long)BitOperations.RoundUpToPowerOf2((uint)bytes)));
        }
    }

    // FNV-1a, 64 bits; equality is checked on the bytes.
    private static ulong Hash(ReadOnlySpan<byte> content)
    {
        ulong hash = 14695981039346656037;
        foreach (byte value in content)
        {
            hash = unchecked((hash ^ value) * 1099511628211);
        }

        return hash;
    }
}
