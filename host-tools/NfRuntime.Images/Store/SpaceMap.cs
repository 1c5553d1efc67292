using System;
using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Images.Store;

/// <summary>What a stretch of the blob region is.</summary>
public enum SpaceKind
{
    /// <summary>In a free block: erased before it is used.</summary>
    Free,

    /// <summary>Behind the frontier of a used block: clean.</summary>
    Tail,

    /// <summary>In a used block, between extents: comes back when nothing in the block lives.</summary>
    Stranded,

    /// <summary>A blob that one version refers to.</summary>
    Used,

    /// <summary>A blob that several versions refer to.</summary>
    Shared,

    /// <summary>A blob that nothing refers to: may be freed at any time.</summary>
    Garbage,

    /// <summary>A blob that is being written.</summary>
    Writing,

    /// <summary>An extent to which a blob is being copied.</summary>
    Copy,

    /// <summary>A block that cannot be used.</summary>
    Bad,
}

/// <summary>An extent of the blob region.</summary>
/// <param name="Slot">Of its blob.</param>
/// <param name="Start">In the blob region, bytes.</param>
/// <param name="End">Behind its last byte, the rounding up to G included.</param>
/// <param name="Kind">What it is.</param>
public sealed record Extent(int Slot, long Start, long End, SpaceKind Kind);

/// <summary>A stretch of one kind.</summary>
/// <param name="Start">In the blob region, bytes.</param>
/// <param name="Bytes">Of the stretch.</param>
/// <param name="Kind">What it is.</param>
public sealed record SpaceSegment(long Start, long Bytes, SpaceKind Kind);

/// <summary>The blob region: what lies where, and what is free (firmware/store/SPEC.md section 5).</summary>
public sealed class SpaceMap
{
    private readonly Dictionary<SpaceKind, long> _bytes;

    private SpaceMap(IReadOnlyList<SpaceSegment> segments, long largest, int freeBlocks, uint blockBytes)
    {
        Segments = segments;
        Largest = largest;
        FreeBlocks = freeBlocks;
        _bytes = segments.GroupBy(segment => segment.Kind).ToDictionary(group => group.Key, group => group.Sum(segment => segment.Bytes));
        long placeable = FreeBytes - blockBytes;
        Fragmentation = freeBlocks == 0 || placeable <= 0 ? 0 : 1 - ((double)largest / placeable);
    }

    /// <summary>The whole region without gaps, from its beginning to its end.</summary>
    public IReadOnlyList<SpaceSegment> Segments { get; }

    /// <summary>The largest extent that a new blob can take now, bytes: it leaves one block free.</summary>
    public long Largest { get; }

    /// <summary>Blocks that no live extent touches.</summary>
    public int FreeBlocks { get; }

    /// <summary>Free blocks and the clean tail, bytes.</summary>
    public long FreeBytes => this[SpaceKind.Free] + this[SpaceKind.Tail];

    /// <summary>0: what blobs can take is in one piece; near 1: in many small ones.</summary>
    public double Fragmentation { get; }

    /// <summary>Bytes of one kind.</summary>
    public long this[SpaceKind kind] => _bytes.GetValueOrDefault(kind);

    /// <param name="geometry">Of the region.</param>
    /// <param name="extents">Inside the region; where two overlap the first counts.</param>
    /// <param name="frontier">Where the clean tail begins; null for none.</param>
    public static SpaceMap Build(FlashGeometry geometry, IEnumerable<Extent> extents, uint? frontier)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        ArgumentNullException.ThrowIfNull(extents);
        Extent[] all = [.. extents.OrderBy(extent => extent.Start)];
        Extent[] sorted = [.. all.Where(extent => extent.Kind != SpaceKind.Bad)];
        bool[] isUsed = Touched(geometry, all);
        bool[] isBad = Touched(geometry, all.Where(extent => extent.Kind == SpaceKind.Bad));
        (long tailStart, long tailEnd) = Tail(geometry, isUsed, frontier);
        if (all.Any(extent => extent.Start < tailEnd && extent.End > tailStart))
        {
            tailStart = tailEnd = 0; // something lies there: it is not clean, whatever a record says
        }

        var gaps = new Gaps(geometry, isUsed, isBad, tailStart, tailEnd);

        List<SpaceSegment> segments = [];
        long at = 0;
        foreach (Extent extent in sorted)
        {
            gaps.Fill(segments, at, extent.Start);
            at = Math.Max(at, extent.Start);
            Add(segments, at, extent.End, extent.Kind);
            at = Math.Max(at, extent.End);
        }

        gaps.Fill(segments, at, geometry.BlobBytes);
        return new SpaceMap(segments, LargestRun(geometry, isUsed, tailStart, tailEnd), isUsed.Count(used => !used), geometry.BlobBlockBytes);
    }

    private static bool[] Touched(FlashGeometry geometry, IEnumerable<Extent> extents)
    {
        var isUsed = new bool[geometry.BlobBlocks];
        foreach (Extent extent in extents)
        {
            for (long block = extent.Start / geometry.BlobBlockBytes; block <= (extent.End - 1) / geometry.BlobBlockBytes; block++)
            {
                isUsed[block] = true;
            }
        }

        return isUsed;
    }

    // A tail lies in a used block; a frontier at a block's boundary, or in a block that has become free, leaves none.
    private static (long Start, long End) Tail(FlashGeometry geometry, bool[] isUsed, uint? frontier)
    {
        if (frontier is not { } start || start >= geometry.BlobBytes || start % geometry.BlobBlockBytes == 0 || !isUsed[start / geometry.BlobBlockBytes])
        {
            return (0, 0);
        }

        return (start, (start / geometry.BlobBlockBytes + 1) * (long)geometry.BlobBlockBytes);
    }

    private static void Add(List<SpaceSegment> segments, long start, long end, SpaceKind kind)
    {
        if (end <= start)
        {
            return;
        }

        if (segments.Count > 0 && segments[^1].Kind == kind)
        {
            segments[^1] = segments[^1] with { Bytes = end - segments[^1].Start };
        }
        else
        {
            segments.Add(new SpaceSegment(start, end - start, kind));
        }
    }

    // Free blocks in a row, with the tail when it lies right before them; one block stays free.
    private static long LargestRun(FlashGeometry geometry, bool[] isUsed, long tailStart, long tailEnd)
    {
        int most = isUsed.Count(used => !used) - 1;
        if (most < 0)
        {
            return 0;
        }

        long tail = tailEnd - tailStart;
        long largest = tail;
        int run = 0;
        for (int block = 0; block < isUsed.Length; block++)
        {
            run = isUsed[block] ? 0 : run + 1;
            if (run > 0 && run <= most)
            {
                bool isBehindTail = tail > 0 && tailEnd == (block + 1L - run) * geometry.BlobBlockBytes;
                largest = Math.Max(largest, (run * (long)geometry.BlobBlockBytes) + (isBehindTail ? tail : 0));
            }
            else if (run > most && most > 0)
            {
                largest = Math.Max(largest, most * (long)geometry.BlobBlockBytes);
            }
        }

        return largest;
    }

    // What lies between extents.
    private sealed record Gaps(FlashGeometry Geometry, bool[] IsUsed, bool[] IsBad, long TailStart, long TailEnd)
    {
        public void Fill(List<SpaceSegment> segments, long start, long end)
        {
            while (start < end)
            {
                long block = start / Geometry.BlobBlockBytes;
                long stop = Math.Min(end, (block + 1) * Geometry.BlobBlockBytes);
                SpaceKind kind = IsBad[block] ? SpaceKind.Bad
                    : !IsUsed[block] ? SpaceKind.Free
                    : start >= TailStart && start < TailEnd ? SpaceKind.Tail : SpaceKind.Stranded;
                stop = kind == SpaceKind.Stranded && start < TailStart && TailStart < stop ? TailStart : stop;
                Add(segments, start, stop, kind);
                start = stop;
            }
        }
    }
}
