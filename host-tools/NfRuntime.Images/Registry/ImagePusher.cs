using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Images.Oci;

namespace NfRuntime.Images.Registry;

/// <summary>
/// Sends an image of the local store to a registry: blobs, then manifests, then the index with the tag, so that whoever sees the tag finds
/// everything below it. What is there is not sent.
/// </summary>
public sealed class ImagePusher(ImageStore store, RegistryOptions options)
{
    /// <param name="root">An image of the store.</param>
    /// <param name="to">Registry, repository and tag; no digest.</param>
    /// <param name="progress">Reports from the calling thread's work; or null.</param>
    /// <param name="cancellation">Ends the push; what was sent stays and is not sent again.</param>
    /// <exception cref="RegistryException">The registry does not take it.</exception>
    /// <exception cref="ContentException">The image of the store is damaged.</exception>
    public async Task<TransferResult> PushAsync(Descriptor root, ImageReference to, IProgress<BlobTransfer>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(to);
        using var repository = new RegistryRepository(to, options);
        IReadOnlyList<ImageVariant> variants = store.Variants(root);
        IReadOnlyDictionary<Digest, string> elsewhere = MountSources(repository);
        var log = new TransferLog(progress);
        foreach ((Descriptor blob, string title) in variants.SelectMany(v => v.Content.Select(c => (c, Titles.Of(v, c)))).DistinctBy(b => b.c.Digest))
        {
            await PushBlobAsync(repository, blob, title, elsewhere.GetValueOrDefault(blob.Digest), log, cancellation).ConfigureAwait(false);
        }

        foreach (ImageVariant variant in variants.Where(v => v.Descriptor.Digest != root.Digest))
        {
            await PushManifestAsync(repository, variant.Descriptor, variant.Descriptor.Digest.ToString(), Titles.Of(variant), log, cancellation).ConfigureAwait(false);
        }

        string title0 = root.MediaType == MediaTypes.ImageIndex ? "index" : "manifest";
        await PushManifestAsync(repository, root, to.Tag ?? root.Digest.ToString(), title0, log, cancellation).ConfigureAwait(false);
        return new TransferResult(root, log.Ended);
    }

    private async Task PushBlobAsync(RegistryRepository repository, Descriptor blob, string title, string? mountFrom, TransferLog log, CancellationToken cancellation)
    {
        if (await repository.HasBlobAsync(blob, cancellation).ConfigureAwait(false))
        {
            log.End(blob, title, TransferState.Present);
            return;
        }

        byte[] content = store.Fetch(blob);
        bool mounted = await repository.PutBlobAsync(blob, content, mountFrom, log.Begin(blob, title), cancellation).ConfigureAwait(false);
        log.End(blob, title, mounted ? TransferState.Mounted : TransferState.Moved);
    }

    private async Task PushManifestAsync(RegistryRepository repository, Descriptor manifest, string tagOrDigest, string title, TransferLog log, CancellationToken cancellation)
    {
        if (await repository.HasManifestAsync(tagOrDigest, manifest.Digest, cancellation).ConfigureAwait(false))
        {
            log.End(manifest, title, TransferState.Present);
            return;
        }

        log.Begin(manifest, title);
        await repository.PutManifestAsync(tagOrDigest, manifest, store.Fetch(manifest), cancellation).ConfigureAwait(false);
        log.End(manifest, title, TransferState.Moved);
    }

    // A pushed image keeps the tag that it got, so the store's tags say which repositories of this registry have which blobs. It is a hint: a
    // registry that knows better answers with an upload.
    private Dictionary<Digest, string> MountSources(RegistryRepository repository)
    {
        var sources = new Dictionary<Digest, string>();
        foreach ((StoredImage image, ImageReference tag) in store.List().SelectMany(image => image.Tags.Select(tag => (image, ImageReference.Parse(tag)))))
        {
            if (tag.Host == repository.Host && tag.Name != repository.Name)
            {
                foreach (Descriptor blob in ContentOf(image.Root))
                {
                    sources.TryAdd(blob.Digest, tag.Name);
                }
            }
        }

        return sources;
    }

    private IEnumerable<Descriptor> ContentOf(Descriptor root)
    {
        try
        {
            return [.. store.Variants(root).SelectMany(variant => variant.Content)];
        }
        catch (ContentException)
        {
            return []; // another image that is damaged is no reason not to push this one
        }
    }
}
