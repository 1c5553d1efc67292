using System;
using System.Collections.Generic;
using System.IO;
using NfRuntime.Images;

namespace NfRuntime.Fleet.Protocol;

/// <summary>
/// Makes deltas (PROTOCOL.md §6): greedy, with a hash table of the base's 8-byte windows, matches extended to both sides. What a
/// retrained layer leaves alone keeps its distance from where it stood in the base, so that distance is tried first and with shorter matches.
/// Time: linear in both sizes, times at most 32 candidates.
/// </summary>
public static class DeltaWriter
{
    private const int Window = 8;
    private const int Candidates = 32;
    private const int LeastAtSameDistance = 6;

    /// <summary>The delta from <paramref name="baseBlob"/> to <paramref name="target"/>; it may be larger than the target.</summary>
    /// <exception cref="ArgumentException">A blob of 0 bytes, or of more than 16 MiB.</exception>
    public static byte[] Write(ReadOnlySpan<byte> baseBlob, ReadOnlySpan<byte> target)
    {
        if (baseBlob.Length is 0 or > BlockGeometry.MaxBlobBytes || target.Length is 0 or > BlockGeometry.MaxBlobBytes)
        {
            throw new ArgumentException($"deltas are made between blobs of 1 to {BlockGeometry.MaxBlobBytes} bytes");
        }

        var index = new WindowIndex(baseBlob);
        List<Operation> operations;
        int least = Window;
        do
        {
            operations = Operations(index, baseBlob, target, least);
            least *= 2;
        }
        while (operations.Count > DeltaFormat.MaxOperations);
        return Encode(baseBlob, target, operations);
    }

    private static List<Operation> Operations(WindowIndex index, ReadOnlySpan<byte> baseBlob, ReadOnlySpan<byte> target, int least)
    {
        var operations = new List<Operation>();
        int pending = 0; // first byte of the target that no operation makes yet
        int distance = 0;
        int at = 0;
        while (at < target.Length)
        {
            (int from, int length) = Longest(index, baseBlob, target, at, distance);
            int needed = from - at == distance ? Math.Min(LeastAtSameDistance, least) : least;
            if (length < needed)
            {
                at++;
                continue;
            }

            while (at > pending && from > 0 && baseBlob[from - 1] == target[at - 1])
            {
                (at, from, length) = (at - 1, from - 1, length + 1);
            }

            AddInsert(operations, pending, at);
            operations.Add(new Operation(false, from, length));
            distance = from - at;
            pending = at += length;
        }

        AddInsert(operations, pending, target.Length);
        return operations;
    }

    private static void AddInsert(List<Operation> operations, int from, int to)
    {
        if (to > from)
        {
            operations.Add(new Operation(true, from, to - from));
        }
    }

    private static (int From, int Length) Longest(WindowIndex index, ReadOnlySpan<byte> baseBlob, ReadOnlySpan<byte> target, int at, int distance)
    {
        int near = at + distance;
        (int From, int Length) best = near >= 0 && near < baseBlob.Length ? (near, Common(baseBlob[near..], target[at..])) : (0, 0);
        if (best.Length >= LeastAtSameDistance * Window || target.Length - at < Window)
        {
            return best;
        }

        int candidate = index.First(target[at..]);
        for (int i = 0; candidate >= 0 && i < Candidates; i++, candidate = index.Next(candidate))
        {
            int length = Common(baseBlob[candidate..], target[at..]);
            best = length > best.Length ? (candidate, length) : best;
        }

        return best;
    }

    private static int Common(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) => a.CommonPrefixLength(b);

    private static byte[] Encode(ReadOnlySpan<byte> baseBlob, ReadOnlySpan<byte> target, List<Operation> operations)
    {
        using var stream = new MemoryStream();
        stream.Write(DeltaFormat.Header(Digest.Of(baseBlob), Digest.Of(target), baseBlob.Length, target.Length, operations.Count));
        foreach (Operation operation in operations)
        {
            DeltaFormat.WriteVarint(stream, ((uint)operation.Length << 1) | (operation.IsInsert ? 1u : 0u));
            if (operation.IsInsert)
            {
                stream.Write(target.Slice(operation.From, operation.Length));
            }
            else
            {
                DeltaFormat.WriteVarint(stream, (uint)operation.From);
            }
        }

        return stream.ToArray();
    }

    /// <param name="IsInsert">Bytes of the target, else of the base.</param>
    /// <param name="From">Offset there.</param>
    /// <param name="Length">Bytes.</param>
    private readonly record struct Operation(bool IsInsert, int From, int Length);

    /// <summary>Where each 8-byte window of the base stands; the nearest to the end first.</summary>
    private sealed class WindowIndex
    {
        private readonly int _shift;
        private readonly int[] _first;
        private readonly int[] _next;

        public WindowIndex(ReadOnlySpan<byte> blob)
        {
            int bits = Math.Clamp(System.Numerics.BitOperations.Log2((uint)blob.Length) + 1, 10, 22); // about one window a bucket
            (_shift, _first) = (64 - bits, new int[1 << bits]);
            Array.Fill(_first, -1);
            _next = new int[blob.Length];
            for (int at = 0; at + Window <= blob.Length; at++)
            {
                ref int first = ref _first[Hash(blob[at..])];
                (_next[at], first) = (first, at);
            }
        }

        public int First(ReadOnlySpan<byte> window) => _first[Hash(window)];

        public int Next(int at) => _next[at];

        private int Hash(ReadOnlySpan<byte> window) => (int)((System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(window) * 0x9E3779B97F4A7C15ul) >> _shift);
    }
}
