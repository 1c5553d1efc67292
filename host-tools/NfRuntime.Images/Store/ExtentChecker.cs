using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Threading;

namespace NfRuntime.Images.Store;

/// <summary>Checks the extents of blobs against the region, each other and their digests.</summary>
/// <param name="image">The bytes.</param>
/// <param name="problems">Gets a sentence for each that breaks a rule.</param>
internal sealed class ExtentChecker(FlashImage image, List<string> problems)
{
    private readonly FlashGeometry _geometry = image.Geometry;

    /// <summary>The extents of a blob that lie inside the region.</summary>
    public IEnumerable<Extent> Extents(StoredBlob stored)
    {
        BlobRecord blob = stored.Blob;
        if (blob.State == BlobState.Bad && (blob.Offset % _geometry.BlobBlockBytes != 0 || blob.Bytes != _geometry.BlobBlockBytes))
        {
            problems.Add($"slot {stored.Slot}: a block that cannot be used has {blob.Bytes:N0} bytes at 0x{blob.Offset:X}, which is no block");
        }

        if (Inside(stored, "extent", blob.Offset, stored.Kind) is { } extent)
        {
            yield return extent;
        }

        if (blob.Copy is { } copy && Inside(stored, "copy", copy, SpaceKind.Copy) is { } second)
        {
            yield return second;
        }
    }

    /// <summary>Looks for extents that overlap, and for a frontier inside one.</summary>
    public void Check(IReadOnlyList<Extent> extents, uint? frontier)
    {
        Extent? widest = null;
        // What stood in a block before it failed may stay there.
        foreach (Extent extent in extents.Where(extent => extent.Kind != SpaceKind.Bad).OrderBy(extent => extent.Start))
        {
            if (widest is not null && extent.Start < widest.End)
            {
                problems.Add($"the blobs in slots {widest.Slot} and {extent.Slot} overlap at 0x{extent.Start:X}");
            }

            widest = widest is null || extent.End > widest.End ? extent : widest;
        }

        if (frontier > _geometry.BlobBytes)
        {
            problems.Add($"the frontier 0x{frontier:X} lies outside the blob region");
        }
        else if (frontier is { } clean && clean % _geometry.BlobBlockBytes != 0)
        {
            long end = (clean / _geometry.BlobBlockBytes + 1) * (long)_geometry.BlobBlockBytes;
            problems.AddRange(extents.Where(extent => extent.Kind != SpaceKind.Bad && extent.Start < end && extent.End > clean)
                .Select(extent => $"the clean tail from 0x{clean:X} on is not clean: the blob in slot {extent.Slot} lies there"));
        }
    }

    /// <summary>Hashes a COMPLETE blob.</summary>
    public StoredBlob Verify(StoredBlob stored, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        BlobRecord blob = stored.Blob;
        if (blob.State != BlobState.Complete)
        {
            return stored;
        }

        bool isThere = (long)blob.Offset + blob.Bytes <= image.BlobRegion.Length;
        bool isIntact = isThere && Digest.FromBytes(SHA256.HashData(image.BlobRegion.Span.Slice((int)blob.Offset, (int)blob.Bytes))) == blob.Digest;
        if (!isIntact)
        {
            string why = isThere ? "its bytes hash to something else" : "its bytes are not in the file";
            problems.Add($"the blob sha256:{blob.Digest.Short} in slot {stored.Slot} is not what it should be: {why}");
        }

        return stored with { IsIntact = isIntact };
    }

    private Extent? Inside(StoredBlob stored, string what, uint offset, SpaceKind kind)
    {
        long end = offset + (long)_geometry.Extent(stored.Blob.Bytes);
        if (offset % _geometry.Grain != 0)
        {
            problems.Add($"slot {stored.Slot}: its {what} begins at 0x{offset:X}, no multiple of {_geometry.Grain}");
        }

        if (end > _geometry.BlobBytes)
        {
            problems.Add($"slot {stored.Slot}: its {what} of {stored.Blob.Bytes:N0} bytes at 0x{offset:X} ends outside the blob region of {_geometry.BlobBytes:N0} bytes");
            return null;
        }

        return new Extent(stored.Slot, offset, end, kind);
    }
}
