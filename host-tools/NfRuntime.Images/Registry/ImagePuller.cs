using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Images.Building;
using NfRuntime.Images.Oci;

namespace NfRuntime.Images.Registry;

/// <summary>
/// Fetches a capsule image from a registry into the local store: everything is verified in memory first, then added in one atomic step. Blobs
/// that the store has are not fetched.
/// </summary>
public sealed class ImagePuller(ImageStore store, RegistryOptions options)
{
    /// <param name="from">Registry, repository, and tag or digest; a digest wins.</param>
    /// <param name="target">One target, whose manifest is then the image; or null for all.</param>
    /// <param name="tags">Names that the image gets in the store; none keeps it untagged.</param>
    /// <param name="progress">Reports from the calling thread's work; or null.</param>
    /// <param name="cancellation">Ends the pull; the store is as it was.</param>
    /// <exception cref="RegistryException">The registry has it not, or answers what cannot be trusted.</exception>
    /// <exception cref="ImageStoreException">The store cannot take it.</exception>
    public async Task<TransferResult> PullAsync(
        ImageReference from, string? target, IReadOnlyList<ImageReference> tags, IProgress<BlobTransfer>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(from);
        using var repository = new RegistryRepository(from, options);
        var log = new TransferLog(progress);
        try
        {
            ImageContent content = await new Fetching(store, repository, log).ImageAsync(from, target, cancellation).ConfigureAwait(false);
            CapsuleImage.Read(content);
            store.Add((content, tags));
            return new TransferResult(content.Root, log.Ended);
        }
        catch (ContentException e)
        {
            throw new RegistryException(RegistryError.Untrusted, $"{from}: {e.Message}", "Push the image again, or pull another one; nothing was stored.", e);
        }
    }

    /// <summary>One pull: the blobs that it has so far.</summary>
    private sealed class Fetching(ImageStore store, RegistryRepository repository, TransferLog log)
    {
        private readonly Dictionary<Digest, byte[]> _known = [];

        public async Task<ImageContent> ImageAsync(ImageReference from, string? target, CancellationToken cancellation)
        {
            Descriptor root = await ManifestAsync(from.Digest?.ToString() ?? from.Tag!, null, "index", cancellation).ConfigureAwait(false);
            if (root.MediaType == MediaTypes.ImageIndex)
            {
                foreach (Descriptor manifest in OciReader.ReadIndex(_known[root.Digest], $"index {root.Digest.Short}").Manifests.DistinctBy(m => m.Digest))
                {
                    if (target is null || (manifest.Annotation(AnnotationNames.Target) ?? target) == target)
                    {
                        string title = (manifest.Annotation(AnnotationNames.Target) is { } named ? named + "/" : "") + "manifest";
                        await ManifestAsync(manifest.Digest.ToString(), manifest, title, cancellation).ConfigureAwait(false);
                    }
                }
            }

            root = target is null ? root : Only(root, target, from);
            IReadOnlyList<ImageVariant> variants = ImageWalk.Variants(root, Known);
            CheckTotal(root, variants);
            foreach ((Descriptor blob, string title) in variants.SelectMany(v => v.Content.Select(c => (c, Titles.Of(v, c)))).DistinctBy(b => b.c.Digest))
            {
                await BlobAsync(blob, title, cancellation).ConfigureAwait(false);
            }

            return ImageWalk.Load(root, Known);
        }

        private async Task<Descriptor> ManifestAsync(string tagOrDigest, Descriptor? expected, string title, CancellationToken cancellation)
        {
            if (expected is not null && TakeStored(expected, title))
            {
                return expected;
            }

            (Descriptor read, byte[] content) = await repository.GetManifestAsync(tagOrDigest, cancellation).ConfigureAwait(false);
            if (expected is not null && (read.Size, read.MediaType) != (expected.Size, expected.MediaType))
            {
                throw new ContentException(ContentError.Size, $"manifest {read.Digest.Short} is {read.Size} bytes of {read.MediaType}; its descriptor says {expected.Size} of {expected.MediaType}");
            }

            if (_known.TryAdd(read.Digest, content))
            {
                log.End(read, read.MediaType == MediaTypes.ImageManifest && expected is null ? "manifest" : title, TransferState.Moved);
            }

            return read;
        }

        private async Task BlobAsync(Descriptor blob, string title, CancellationToken cancellation)
        {
            if (!_known.ContainsKey(blob.Digest) && !TakeStored(blob, title))
            {
                _known.Add(blob.Digest, await repository.GetBlobAsync(blob, log.Begin(blob, title), cancellation).ConfigureAwait(false));
                log.End(blob, title, TransferState.Moved);
            }
        }

        private bool TakeStored(Descriptor blob, string title)
        {
            try
            {
                _known.TryAdd(blob.Digest, store.Fetch(blob));
                log.End(blob, title, TransferState.Present);
                return true;
            }
            catch (ContentException)
            {
                return false; // not there, or damaged: the registry's replaces it
            }
        }

        private Descriptor Only(Descriptor root, string target, ImageReference from)
        {
            IEnumerable<Descriptor> there = root.MediaType == MediaTypes.ImageIndex
                ? OciReader.ReadIndex(_known[root.Digest], $"index {root.Digest.Short}").Manifests
                : [root];
            ImageVariant[] variants = [.. there.Where(m => _known.ContainsKey(m.Digest)).SelectMany(m => ImageWalk.Variants(m, Known))];
            return variants.FirstOrDefault(v => v.Target == target)?.Descriptor ?? throw new RegistryException(
                RegistryError.NotFound, $"{from} has no target {target}", $"It has {string.Join(", ", there.Select(m => m.Annotation(AnnotationNames.Target)).OfType<string>().Take(32))}.");
        }

        private static void CheckTotal(Descriptor root, IReadOnlyList<ImageVariant> variants)
        {
            long total = ImageWalk.Closure(root, variants).Sum(d => d.Size);
            if (total > OciLimits.ImageBytes)
            {
                throw new ContentException(ContentError.TooLarge, $"the image has {total} bytes; at most {OciLimits.ImageBytes} are read");
            }
        }

        private byte[] Known(Descriptor descriptor, int max)
        {
            byte[] content = _known.GetValueOrDefault(descriptor.Digest) ?? throw new ContentException(ContentError.Missing, $"blob {descriptor.Digest.Short} is missing");
            return content.Length == descriptor.Size && content.Length <= max
                ? content
                : throw new ContentException(ContentError.Size, $"blob {descriptor.Digest.Short} has {content.Length} bytes; a descriptor says {descriptor.Size}");
        }
    }
}
