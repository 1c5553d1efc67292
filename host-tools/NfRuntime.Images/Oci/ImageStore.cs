using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;

namespace NfRuntime.Images.Oci;

/// <summary>An image of a store.</summary>
/// <param name="Root">Media type, digest and size of its root document.</param>
/// <param name="Tags">Full names such as <c>fashion:2</c>, sorted; empty when the last tag has moved on.</param>
public sealed record StoredImage(Descriptor Root, IReadOnlyList<string> Tags);

/// <summary>What a removal did.</summary>
/// <param name="Untagged">Tags that were removed.</param>
/// <param name="FreedBytes">Bytes of blobs that nothing needs any more.</param>
public sealed record RemovalResult(IReadOnlyList<string> Untagged, long FreedBytes);

/// <summary>What a pruning removes.</summary>
/// <param name="Images">Roots of images that no tag names.</param>
/// <param name="Blobs">Blobs that nothing needs then.</param>
/// <param name="Bytes">Their bytes.</param>
public sealed record PruneReport(IReadOnlyList<Digest> Images, int Blobs, long Bytes);

/// <summary>
/// The local image store: an OCI image layout, shared by processes. Every change is one atomic step under a lock: an exception, Ctrl-C or a
/// crash at any point leaves the store as it was, at worst with blobs that the next <see cref="Prune()"/> removes.
/// All methods throw <see cref="ContentException"/> for content that cannot be trusted and <see cref="ImageStoreException"/> otherwise.
/// </summary>
public sealed class ImageStore
{
    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(30);
    private readonly OciLayout _layout;
    private readonly IStoreFileSystem _files;

    /// <param name="root">Folder of the layout; made by the first write.</param>
    public ImageStore(string root)
        : this(root, PhysicalFileSystem.Instance)
    {
    }

    internal ImageStore(string root, IStoreFileSystem files) => (_layout, _files) = (new OciLayout(Path.GetFullPath(root), files), files);

    /// <summary><c>images</c> in <see cref="UserFolder.Path"/>.</summary>
    public static string DefaultRoot => Path.Combine(UserFolder.Path, "images");

    public string Root => _layout.Root;

    /// <summary>All images, in the order of their first tag, untagged ones last.</summary>
    public IReadOnlyList<StoredImage> List() => Guard(() => Images(Entries()));

    /// <summary>Finds an image by tag (<c>fashion:2</c>), digest (<c>sha256:…</c>, <c>fashion@sha256:…</c>), or at least 12 hex digits of it.</summary>
    /// <exception cref="ImageStoreException">Not a reference, no such image, or several.</exception>
    public StoredImage Find(string reference) => Guard(() => ImageResolver.Find(Images(Entries()), reference));

    /// <summary>The whole image; every blob is verified.</summary>
    public ImageContent Load(Descriptor root) => Guard(() => ImageWalk.Load(root, _layout.Fetch));

    /// <summary>The manifests of an image, verified; layers are not read.</summary>
    public IReadOnlyList<ImageVariant> Variants(Descriptor root) => Guard(() => ImageWalk.Variants(root, _layout.Fetch));

    /// <summary>One blob, verified.</summary>
    public byte[] Fetch(Descriptor descriptor) => Guard(() => _layout.Fetch(descriptor, OciLimits.LayerBytes));

    /// <summary>Adds images and sets their tags, all or none. A tag that another image has moves; that image stays, perhaps untagged.</summary>
    /// <param name="images">Content and tags; an image without tags is kept untagged.</param>
    public void Add(params IReadOnlyList<(ImageContent Content, IReadOnlyList<ImageReference> Tags)> images) => Change(entries =>
    {
        foreach ((ImageContent content, IReadOnlyList<ImageReference> tags) in images)
        {
            ImageContent verified = Verify(content);
            foreach ((Digest digest, ReadOnlyMemory<byte> bytes) in verified.Blobs.OrderBy(b => b.Key))
            {
                _layout.Store(digest, bytes);
            }

            entries = StoreEntries.WithTags(entries, verified.Root, [.. tags.Select(TagName)]);
        }

        return entries;
    });

    /// <summary>Gives an image one more tag.</summary>
    public void Tag(string reference, ImageReference tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        Change(entries => StoreEntries.WithTags(entries, ImageResolver.Find(Images(entries), reference).Root, [TagName(tag)]));
    }

    /// <summary>Removes a tag, or with a digest the image with all its tags, and then the blobs that nothing needs.</summary>
    public RemovalResult Remove(string reference)
    {
        IReadOnlyList<string> untagged = [];
        long freed = Collecting(entries =>
        {
            StoredImage image = ImageResolver.Find(Images(entries), reference);
            untagged = ImageResolver.NamesOneTag(image, reference) is { } tag ? [tag] : image.Tags;
            return StoreEntries.Without(entries, image.Root.Digest, untagged);
        });
        return new RemovalResult(untagged, freed);
    }

    /// <summary>Removes untagged images and the blobs that nothing needs.</summary>
    /// <returns>Bytes that were freed.</returns>
    public long Prune() => Collecting(Tagged);

    /// <summary>What <see cref="Prune()"/> removes, and does remove unless <paramref name="dryRun"/>.</summary>
    public PruneReport Prune(bool dryRun) => Guard(() =>
    {
        IReadOnlyList<Descriptor> before = Entries();
        IReadOnlyList<Descriptor> tagged = Tagged(before);
        (int blobs, long bytes) = _layout.Exists() ? _layout.Collectable(Needed(tagged)) : (0, 0);
        HashSet<Digest> kept = [.. tagged.Select(e => e.Digest)];
        Digest[] images = [.. before.Select(e => e.Digest).Where(digest => !kept.Contains(digest)).Distinct()];
        return new PruneReport(images, blobs, dryRun ? bytes : Prune());
    });

    /// <summary>Writes images with all their tags to one file (replaced atomically), which <see cref="Import"/> reads.</summary>
    public void Export(string archive, params IReadOnlyList<string> references) => Guard(() =>
    {
        string full = Path.GetFullPath(archive);
        IReadOnlyList<StoredImage> images = Images(Entries());
        IEnumerable<StoredImage> chosen = references.Select(r => ImageResolver.Find(images, r)).DistinctBy(i => i.Root.Digest);
        using var content = new MemoryStream();
        ImageArchive.Write(content, [.. chosen.Select(i => (ImageWalk.Load(i.Root, _layout.Fetch), (IReadOnlyList<ImageReference>)[.. i.Tags.Select(ImageReference.Parse)]))]);
        string temporary = full + "." + Path.GetRandomFileName();
        try
        {
            _files.WriteNew(temporary, content.ToArray());
            _files.Replace(temporary, full);
            _files.SyncFolder(Path.GetDirectoryName(full)!);
        }
        finally
        {
            _files.Delete(temporary);
        }

        return true;
    });

    /// <summary>Adds all images of a file that <see cref="Export"/> or another OCI tool wrote; all or none.</summary>
    /// <returns>The images with the tags that were set.</returns>
    public IReadOnlyList<StoredImage> Import(string archive)
    {
        IReadOnlyList<(ImageContent Content, IReadOnlyList<ImageReference> Tags)> images = Guard(() =>
        {
            using FileStream stream = File.OpenRead(archive);
            return stream.CanSeek ? ImageArchive.Read(stream) : throw new IOException($"{archive} is no file that can be read twice");
        });
        Add(images);
        return [.. images.Select(i => new StoredImage(i.Content.Root, [.. i.Tags.Select(t => t.TagName!)]))];
    }

    private static string TagName(ImageReference tag) =>
        tag is { Digest: null, TagName: { } name } ? name : throw new ImageStoreException(StoreError.Reference, $"{tag} is no tag", "Write name:tag.");

    private static IReadOnlyList<StoredImage> Images(IReadOnlyList<Descriptor> entries) => StoreEntries.Images(entries);

    private static ImageContent Verify(ImageContent content) => ImageWalk.Load(content.Root, (descriptor, max) =>
    {
        ReadOnlyMemory<byte> bytes = content.Blobs.TryGetValue(descriptor.Digest, out ReadOnlyMemory<byte> found)
            ? found
            : throw new ContentException(ContentError.Missing, $"blob {descriptor.Digest.Short} is missing");
        if (bytes.Length != descriptor.Size || bytes.Length > max)
        {
            throw new ContentException(bytes.Length > max ? ContentError.TooLarge : ContentError.Size, $"blob {descriptor.Digest.Short} has {bytes.Length} bytes; its descriptor says {descriptor.Size}");
        }

        return Digest.Of(bytes.Span) == descriptor.Digest ? bytes.ToArray() : throw new ContentException(ContentError.Digest, $"blob {descriptor.Digest.Short} is damaged");
    });

    private IReadOnlyList<Descriptor> Entries() => _layout.Exists() ? _layout.ReadEntries() : [];

    private void Change(Func<IReadOnlyList<Descriptor>, IReadOnlyList<Descriptor>> change) => Guard(() =>
    {
        using IDisposable held = Lock();
        if (!_layout.Exists())
        {
            _layout.Create();
        }

        _layout.WriteEntries(change(_layout.ReadEntries()));
        return true;
    });

    // What remains is walked before anything is written: content that cannot be read might need any blob, so nothing is removed then.
    private long Collecting(Func<IReadOnlyList<Descriptor>, IReadOnlyList<Descriptor>> change) => Guard(() =>
    {
        using IDisposable held = Lock();
        if (!_layout.Exists())
        {
            _ = change([]);
            return 0;
        }

        IReadOnlyList<Descriptor> entries = change(_layout.ReadEntries());
        HashSet<Digest> keep = Needed(entries);
        _layout.WriteEntries(entries);
        return _layout.Collect(keep);
    });

    private static IReadOnlyList<Descriptor> Tagged(IReadOnlyList<Descriptor> entries) => [.. entries.Where(e => e.Annotation(AnnotationNames.ReferenceName) is not null)];

    private HashSet<Digest> Needed(IReadOnlyList<Descriptor> entries) =>
        [.. entries.SelectMany(e => ImageWalk.Closure(e, ImageWalk.Variants(e, _layout.Fetch))).Select(d => d.Digest)];

    private IDisposable Lock()
    {
        _files.CreateFolder(Root);
        var waited = Stopwatch.StartNew();
        while (true)
        {
            if (_files.TryLock(Path.Combine(Root, ".lock")) is { } held)
            {
                return held;
            }

            if (waited.Elapsed > LockTimeout)
            {
                throw new ImageStoreException(StoreError.Busy, $"another process has held the store {Root} for {LockTimeout.TotalSeconds:0} s", "Wait for it, or end it.");
            }

            Thread.Sleep(20);
        }
    }

    private T Guard<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImageStoreException(StoreError.Unusable, $"the store {Root} cannot be used: {e.Message}", inner: e);
        }
    }
}
