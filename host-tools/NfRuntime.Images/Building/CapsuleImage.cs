using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Oci;
using NfRuntime.Images.Signing;

namespace NfRuntime.Images.Building;

/// <summary>One target of an image, as people look at it.</summary>
/// <param name="Target">From the capsule manifest.</param>
/// <param name="Descriptor">The OCI manifest.</param>
/// <param name="Manifest">What the device reads.</param>
/// <param name="Signer">The key that the capsule manifest says it is signed with.</param>
/// <param name="Config">Report figures and provenance; not signed by itself.</param>
/// <param name="Layers">In order, the capsule manifest first.</param>
public sealed record CapsuleVariant(
    string Target, Descriptor Descriptor, CapsuleManifest Manifest, KeyId Signer, CapsuleConfig Config, IReadOnlyList<Descriptor> Layers)
{
    /// <summary>The section's layer, or null.</summary>
    public Descriptor? Layer(SectionKind kind) => Layers.FirstOrDefault(l => l.MediaType == MediaTypes.Of(kind));
}

/// <summary>A capsule image in a store, checked: its layers are those that the signed manifests name.</summary>
/// <param name="Root">The image.</param>
/// <param name="Variants">One a target.</param>
public sealed record CapsuleImage(Descriptor Root, IReadOnlyList<CapsuleVariant> Variants)
{
    /// <summary>Reads an image without a look at signatures; for showing.</summary>
    /// <exception cref="ContentException">Not a capsule image, or layers other than the manifest names.</exception>
    public static CapsuleImage Read(ImageStore store, Descriptor root) => Read(store, root, bytes => ManifestReader.ReadUnverified(bytes));

    /// <summary>Reads an image that is in no store yet.</summary>
    /// <exception cref="ContentException">Not a capsule image, or layers other than the manifest names.</exception>
    public static CapsuleImage Read(ImageContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        byte[] Fetch(Descriptor descriptor) => content.Blobs.TryGetValue(descriptor.Digest, out ReadOnlyMemory<byte> bytes)
            ? bytes.ToArray()
            : throw new ContentException(ContentError.Missing, $"blob {descriptor.Digest.Short} is missing");
        return Read(content.Root, ImageWalk.Variants(content.Root, (descriptor, _) => Fetch(descriptor)), Fetch, bytes => ManifestReader.ReadUnverified(bytes));
    }

    /// <summary>Reads an image as a device with these keys would: every target's signature, prefix and counter.</summary>
    /// <exception cref="ContentException">Not a capsule image; the cause is a <see cref="ManifestFormatException"/> when a device would refuse it.</exception>
    public static CapsuleImage Verify(ImageStore store, Descriptor root, KeyList keys, uint minimumCounter = 0) =>
        Read(store, root, bytes => ManifestReader.Read(bytes, keys, minimumCounter));

    /// <summary>Reads an image and verifies every target with one key.</summary>
    /// <exception cref="ContentException">Not a capsule image, or not signed by this key.</exception>
    public static CapsuleImage Verify(ImageStore store, Descriptor root, PublicKey key) => Read(store, root, bytes => ManifestReader.Read(bytes, key));

    /// <summary>Every blob of the image with its size, for sharing between images.</summary>
    public IReadOnlyDictionary<Digest, long> Blobs => Variants.SelectMany(v => v.Layers.Append(v.Descriptor)).Append(Root)
        .DistinctBy(d => d.Digest).ToDictionary(d => d.Digest, d => d.Size);

    /// <summary>Bytes of layers that another image has too: what a registry or a device need not fetch again.</summary>
    public long SharedBytes(CapsuleImage other)
    {
        ArgumentNullException.ThrowIfNull(other);
        IReadOnlyDictionary<Digest, long> theirs = other.Blobs;
        return Blobs.Where(b => theirs.ContainsKey(b.Key)).Sum(b => b.Value);
    }

    private static CapsuleImage Read(ImageStore store, Descriptor root, Func<byte[], CapsuleManifest> open)
    {
        ArgumentNullException.ThrowIfNull(store);
        return Read(root, store.Variants(root), store.Fetch, open);
    }

    private static CapsuleImage Read(Descriptor root, IReadOnlyList<ImageVariant> manifests, Func<Descriptor, byte[]> fetch, Func<byte[], CapsuleManifest> open)
    {
        CapsuleVariant[] variants = [.. manifests.Select(v => ReadVariant(fetch, v, open))];
        return variants.DistinctBy(v => v.Target).Count() == variants.Length && variants.DistinctBy(v => v.Manifest.Name).Count() == 1
            ? new CapsuleImage(root, variants)
            : throw new ContentException(ContentError.Malformed, $"image {root.Digest.Short} has no targets, a target twice, or several names");
    }

    private static CapsuleVariant ReadVariant(Func<Descriptor, byte[]> fetch, ImageVariant variant, Func<byte[], CapsuleManifest> open)
    {
        string what = $"manifest {variant.Descriptor.Digest.Short}";
        Descriptor first = variant.Manifest.Layers is [{ MediaType: MediaTypes.CapsuleManifest } layer, ..] && variant.Manifest.Config.MediaType == MediaTypes.Config
            ? layer
            : throw new ContentException(ContentError.Unsupported, $"{what} is no capsule: its first layer or its config is something else");
        byte[] bytes = fetch(first);
        CapsuleManifest manifest;
        try
        {
            manifest = open(bytes);
        }
        catch (ManifestFormatException e)
        {
            throw new ContentException(ContentError.Malformed, $"{what}: {e.Message}", e);
        }

        CheckLayers(variant, manifest, what);
        CapsuleConfig config = CapsuleConfig.Read(fetch(variant.Manifest.Config));
        return new CapsuleVariant(manifest.Target, variant.Descriptor, manifest, ManifestReader.ReadSigner(bytes), config, variant.Manifest.Layers);
    }

    private static void CheckLayers(ImageVariant variant, CapsuleManifest manifest, string what)
    {
        IEnumerable<(string, Digest, long)> named = manifest.Sections.Select(s => (MediaTypes.Of(s.Kind), s.Digest, (long)s.Size));
        if (!named.SequenceEqual(variant.Manifest.Layers.Skip(1).Select(l => (l.MediaType, l.Digest, l.Size))))
        {
            throw new ContentException(ContentError.Malformed, $"{what}: its layers are not those that the signed capsule manifest names");
        }

        if (variant.Target is { } target && target != manifest.Target)
        {
            throw new ContentException(ContentError.Malformed, $"{what} is announced for {target}, but signed for {manifest.Target}");
        }
    }
}
