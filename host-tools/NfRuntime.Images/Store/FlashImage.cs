using System;
using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Images.Store;

/// <summary>Where the regions lie in a dump of a chip; a virtual device's file needs none of it.</summary>
/// <param name="JournalOffset">Of the journal region; null: 0.</param>
/// <param name="JournalBytes">Of the journal region; null: as its headers say.</param>
/// <param name="BlobOffset">Of the blob region; null: behind the journal region.</param>
public sealed record FlashPlaces(long? JournalOffset = null, long? JournalBytes = null, long? BlobOffset = null);

/// <summary>The bytes of a device's flash: where journal and blobs lie in them, by what the journal's headers say.</summary>
public sealed class FlashImage
{
    private FlashImage(ReadOnlyMemory<byte> bytes, FlashGeometry geometry, ulong device, long journalOffset, long blobOffset)
    {
        (Geometry, Device, JournalOffset, BlobOffset) = (geometry, device, journalOffset, blobOffset);
        JournalRegion = Part(bytes, journalOffset, geometry.JournalBytes);
        BlobRegion = Part(bytes, blobOffset, geometry.BlobBytes);
    }

    /// <summary>Sizes of the regions.</summary>
    public FlashGeometry Geometry { get; }

    /// <summary>Identity of the device.</summary>
    public ulong Device { get; }

    /// <summary>Where the journal region begins in the file.</summary>
    public long JournalOffset { get; }

    /// <summary>Where the blob region begins in the file.</summary>
    public long BlobOffset { get; }

    /// <summary>The journal region; shorter when the file ends before it does.</summary>
    public ReadOnlyMemory<byte> JournalRegion { get; }

    /// <summary>The blob region; shorter when the file ends before it does.</summary>
    public ReadOnlyMemory<byte> BlobRegion { get; }

    /// <summary>Finds the store in <paramref name="bytes"/>.</summary>
    /// <exception cref="FlashImageException">There is no header of a journal's block, or it is of a later version.</exception>
    public static FlashImage Open(ReadOnlyMemory<byte> bytes, FlashPlaces places)
    {
        ArgumentNullException.ThrowIfNull(places);
        long journal = places.JournalOffset ?? 0;
        if (journal >= bytes.Length)
        {
            throw new FlashImageException($"the journal cannot begin at 0x{journal:X}: the file has {bytes.Length:N0} bytes", "--journal takes an offset in the file, such as 0x10000:0x8000.");
        }

        IReadOnlyList<BlockHeader> headers = Headers(bytes[(int)journal..], places.JournalBytes);
        BlockHeader? best = Choose(headers.Where(IsKnown));
        BlockHeader? later = headers.FirstOrDefault(header => !IsKnown(header) && (best is null || header.Geometry == best.Geometry));
        if (later is not null)
        {
            throw new FlashImageException(
                $"the store is of version {later.Version}; this tool reads versions {JournalFormat.FirstVersion} and {JournalFormat.Version}", "Use the capsule tool of the firmware's release.");
        }

        if (best is null)
        {
            throw new FlashImageException(
                $"no block of a store's journal was found{(journal == 0 ? string.Empty : $" from 0x{journal:X} on")}",
                "A virtual device's flash file begins with its journal; of a chip's dump --journal OFFSET and --blobs OFFSET say where the regions lie.");
        }

        if (places.JournalBytes is { } given && given != best.Geometry.JournalBytes)
        {
            throw new FlashImageException(
                $"the journal has {best.Geometry.JournalBytes:N0} bytes by its headers, not {given:N0}", $"Give --journal 0x{journal:X}:0x{best.Geometry.JournalBytes:X}, or its offset alone.");
        }

        return new FlashImage(bytes, best.Geometry, best.Device, journal, places.BlobOffset ?? journal + best.Geometry.JournalBytes);
    }

    private static bool IsKnown(BlockHeader header) => header.Version is >= JournalFormat.FirstVersion and <= JournalFormat.Version;

    // What a device took for its store: the geometry and device that most headers agree on, then the newest.
    private static BlockHeader? Choose(IEnumerable<BlockHeader> headers) => headers
        .GroupBy(header => (header.Geometry, header.Device))
        .OrderByDescending(group => group.Count())
        .ThenByDescending(group => group.Max(header => header.Sequence))
        .Select(group => group.First())
        .FirstOrDefault();

    // A header stands at the beginning of a block, and blocks are multiples of the smallest one.
    private static List<BlockHeader> Headers(ReadOnlyMemory<byte> bytes, long? regionBytes)
    {
        List<BlockHeader> found = [];
        long end = Math.Min(bytes.Length, regionBytes ?? ((long)FlashGeometry.MaxBlockBytes * FlashGeometry.MaxJournalBlocks));
        for (int at = 0; at <= end - JournalFormat.HeaderBytes; at += FlashGeometry.MinBlockBytes)
        {
            if (BlockHeader.TryRead(bytes.Span[at..]) is { Geometry.IsPossible: true } header
                && at % header.Geometry.JournalBlockBytes == 0 && at / header.Geometry.JournalBlockBytes < header.Geometry.JournalBlocks)
            {
                found.Add(header);
            }
        }

        return found;
    }

    private static ReadOnlyMemory<byte> Part(ReadOnlyMemory<byte> bytes, long offset, long length) =>
        offset >= bytes.Length ? ReadOnlyMemory<byte>.Empty : bytes.Slice((int)offset, (int)Math.Min(length, bytes.Length - offset));
}
