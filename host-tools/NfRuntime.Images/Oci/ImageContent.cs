using System;
using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Images.Oci;

/// <summary>A whole image in memory: the root's descriptor and every blob that it reaches.</summary>
/// <param name="Root">An image index, or a single image manifest.</param>
/// <param name="Blobs">By digest; verified by whoever made this.</param>
public sealed record ImageContent(Descriptor Root, IReadOnlyDictionary<Digest, ReadOnlyMemory<byte>> Blobs)
{
    /// <summary>The image's digest.</summary>
    public Digest Digest => Root.Digest;

    /// <summary>Bytes of all blobs.</summary>
    public long TotalBytes => Blobs.Values.Sum(b => (long)b.Length);
}

/// <summary>A manifest of an image with its descriptor.</summary>
public sealed record ImageVariant(Descriptor Descriptor, ImageManifest Manifest)
{
    /// <summary>The annotation <c>dev.nf-runtime.target</c>, or null.</summary>
    public string? Target => Descriptor.Annotation(AnnotationNames.Target) ?? Manifest.Annotations.GetValueOrDefault(AnnotationNames.Target);

    /// <summary>Config and layers.</summary>
    public IEnumerable<Descriptor> Content => Manifest.Layers.Prepend(Manifest.Config);
}

/// <summary>Follows an image from its root: an index of manifests, or one manifest; nothing deeper exists.</summary>
internal static class ImageWalk
{
    /// <summary>The root's JSON documents, verified by <paramref name="fetch"/>.</summary>
    /// <exception cref="ContentException">A document is missing, wrong, nested, or no image's.</exception>
    public static IReadOnlyList<ImageVariant> Variants(Descriptor root, Func<Descriptor, int, byte[]> fetch) => root.MediaType switch
    {
        MediaTypes.ImageManifest => [Variant(root, fetch)],
        MediaTypes.ImageIndex => [.. OciReader.ReadIndex(fetch(root, OciLimits.JsonBytes), $"index {root.Digest.Short}").Manifests.Select(m => Variant(m, fetch))],
        _ => throw new ContentException(ContentError.Unsupported, $"{root.Digest.Short} is of type {root.MediaType}; an image is an index or a manifest"),
    };

    /// <summary>Every descriptor of an image: root, manifests, configs, layers.</summary>
    public static IEnumerable<Descriptor> Closure(Descriptor root, IReadOnlyList<ImageVariant> variants) =>
        variants.SelectMany(v => v.Content.Prepend(v.Descriptor)).Prepend(root).DistinctBy(d => d.Digest);

    /// <summary>All content of an image, each blob verified.</summary>
    public static ImageContent Load(Descriptor root, Func<Descriptor, int, byte[]> fetch)
    {
        IReadOnlyList<ImageVariant> variants = Variants(root, fetch);
        var blobs = new Dictionary<Digest, ReadOnlyMemory<byte>>();
        foreach (Descriptor descriptor in Closure(root, variants))
        {
            blobs.Add(descriptor.Digest, fetch(descriptor, OciLimits.LayerBytes));
        }

        return new ImageContent(Bare(root), blobs);
    }

    /// <summary>A descriptor without what belongs to the place where it stood.</summary>
    public static Descriptor Bare(Descriptor root) => new(root.MediaType, root.Digest, root.Size) { ArtifactType = root.ArtifactType };

    private static ImageVariant Variant(Descriptor descriptor, Func<Descriptor, int, byte[]> fetch) => descriptor.MediaType switch
    {
        MediaTypes.ImageManifest => new ImageVariant(descriptor, OciReader.ReadManifest(fetch(descriptor, OciLimits.JsonBytes), $"manifest {descriptor.Digest.Short}")),
        MediaTypes.ImageIndex => throw new ContentException(ContentError.Nested, $"index {descriptor.Digest.Short} stands inside an index; a capsule's index holds manifests only"),
        _ => throw new ContentException(ContentError.Unsupported, $"{descriptor.Digest.Short} is of type {descriptor.MediaType}; an index holds manifests"),
    };
}
