using System;
using System.Collections.Generic;

namespace NfRuntime.Images.Oci;

/// <summary>Points at content (OCI descriptor.md).</summary>
/// <param name="MediaType">Not empty.</param>
/// <param name="Digest">Of the content.</param>
/// <param name="Size">Bytes, 0…<see cref="OciLimits.LayerBytes"/>.</param>
public sealed record Descriptor(string MediaType, Digest Digest, long Size)
{
    public string? ArtifactType { get; init; }

    public Platform? Platform { get; init; }

    /// <summary>Written in ordinal order of their keys.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = EmptyAnnotations;

    internal static IReadOnlyDictionary<string, string> EmptyAnnotations { get; } = new Dictionary<string, string>();

    /// <summary>Describes <paramref name="content"/>.</summary>
    public static Descriptor Of(string mediaType, ReadOnlySpan<byte> content) => new(mediaType, Digest.Of(content), content.Length);

    /// <summary>An annotation's value, or null.</summary>
    public string? Annotation(string name) => Annotations.GetValueOrDefault(name);
}

/// <summary>Whom a manifest is for, in Go's words (GOARCH, GOOS).</summary>
public sealed record Platform(string Architecture, string Os, string? Variant = null);

/// <summary>An OCI image manifest 1.1.</summary>
public sealed record ImageManifest(string? ArtifactType, Descriptor Config, IReadOnlyList<Descriptor> Layers)
{
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = Descriptor.EmptyAnnotations;
}

/// <summary>An OCI image index.</summary>
public sealed record ImageIndex(IReadOnlyList<Descriptor> Manifests)
{
    public string? ArtifactType { get; init; }

    public IReadOnlyDictionary<string, string> Annotations { get; init; } = Descriptor.EmptyAnnotations;
}

/// <summary>What is read at most, whatever a document claims.</summary>
public static class OciLimits
{
    /// <summary>A manifest, an index or a config: 1 MiB.</summary>
    public const int JsonBytes = 1 << 20;

    /// <summary>A layer: 16 MiB.</summary>
    public const int LayerBytes = 16 << 20;

    /// <summary>All blobs of an image that comes from elsewhere, or of an archive: 256 MiB.</summary>
    public const long ImageBytes = 256L << 20;

    public const int JsonDepth = 16;

    /// <summary>Variants of one image.</summary>
    public const int IndexEntries = 256;

    /// <summary>Layers of one manifest.</summary>
    public const int Layers = 64;

    /// <summary>Entries of a store's index.json.</summary>
    public const int StoreEntries = 4096;

    public const int Annotations = 64;
    public const int StringLength = 1024;
}
