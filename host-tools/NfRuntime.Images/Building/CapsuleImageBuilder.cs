using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Oci;
using NfRuntime.Images.Signing;

namespace NfRuntime.Images.Building;

/// <summary>A built image.</summary>
/// <param name="Content">To be added to a store.</param>
/// <param name="UnsignedDigest">The digest with zero signatures: reproducible whatever holds the key.</param>
/// <param name="Variants">In the order of the index.</param>
public sealed record BuiltImage(ImageContent Content, Digest UnsignedDigest, IReadOnlyList<BuiltVariant> Variants);

/// <summary>One target of a built image.</summary>
/// <param name="Manifest">What was signed.</param>
/// <param name="Descriptor">The OCI manifest.</param>
/// <param name="LayerBytes">All layers together.</param>
public sealed record BuiltVariant(CapsuleManifest Manifest, Descriptor Descriptor, long LayerBytes);

/// <summary>Packs plans into a signed OCI image: firmware/capsule/SPEC.md, section 7.</summary>
public static class CapsuleImageBuilder
{
    /// <summary>A device rounds a capsule's state, windows included, up to a multiple of this.</summary>
    public const int StateAlignment = 16;

    /// <summary>The image; the same inputs and key give the same digest anywhere (no dates, no paths, targets sorted).</summary>
    /// <exception cref="CapsuleBuildException">A value that a device would refuse; nothing was written anywhere.</exception>
    public static BuiltImage Build(CapsuleBuildInput input, ISigner signer)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(signer);
        VariantInput[] variants = [.. input.Variants.OrderBy(v => v.Target, StringComparer.Ordinal)];
        if (variants.Length == 0 || variants.Length > OciLimits.IndexEntries || variants.DistinctBy(v => v.Target).Count() != variants.Length)
        {
            throw new CapsuleBuildException($"{input.Name}: an image has 1 to {OciLimits.IndexEntries} targets, each once");
        }

        if (input.ModelName.AsSpan().ContainsAny('/', '\\'))
        {
            throw new CapsuleBuildException($"{input.Name}: the model's name {input.ModelName} holds a folder, which would make the digest depend on it");
        }

        (ImageContent content, IReadOnlyList<BuiltVariant> built) = Assemble(input, variants, m => ManifestWriter.Write(m, signer));
        (ImageContent unsigned, _) = Assemble(input, variants, m => ManifestWriter.WriteUnsigned(m, signer.PublicKey.Id));
        return new BuiltImage(content, unsigned.Digest, built);
    }

    private static (ImageContent Content, IReadOnlyList<BuiltVariant> Variants) Assemble(
        CapsuleBuildInput input, IReadOnlyList<VariantInput> variants, Func<CapsuleManifest, byte[]> seal)
    {
        var blobs = new Dictionary<Digest, ReadOnlyMemory<byte>>();
        BuiltVariant[] built = [.. variants.Select(v => AssembleVariant(input, v, seal, blobs))];
        byte[] index = OciWriter.Write(new ImageIndex([.. built.Select(b => b.Descriptor)])
        {
            ArtifactType = MediaTypes.ArtifactType,
            Annotations = Annotations(input),
        });
        Descriptor root = Add(blobs, MediaTypes.ImageIndex, index) with { ArtifactType = MediaTypes.ArtifactType };
        return (new ImageContent(root, blobs), built);
    }

    private static BuiltVariant AssembleVariant(
        CapsuleBuildInput input, VariantInput variant, Func<CapsuleManifest, byte[]> seal, Dictionary<Digest, ReadOnlyMemory<byte>> blobs)
    {
        CapsuleManifest manifest;
        IReadOnlyList<(SectionKind Kind, ReadOnlyMemory<byte> Bytes)> sections;
        byte[] signed;
        try
        {
            sections = Sections(variant);
            manifest = Describe(input, variant, sections);
            signed = seal(manifest);
        }
        catch (Exception e) when (e is ManifestFormatException or ArgumentException or OverflowException)
        {
            throw new CapsuleBuildException($"{input.Name}, target {variant.Target}: {e.Message}", e);
        }

        Descriptor[] layers =
        [
            Titled(Add(blobs, MediaTypes.CapsuleManifest, signed), "capsule.nfrc"),
            .. sections.Select(s => Titled(Add(blobs, MediaTypes.Of(s.Kind), s.Bytes), Title(s.Kind, variant.Target))),
        ];
        Descriptor config = Add(blobs, MediaTypes.Config, Config(input, manifest, variant).Write());
        byte[] oci = OciWriter.Write(new ImageManifest(MediaTypes.ArtifactType, config, layers) { Annotations = Annotations(input, variant.Target) });

        // No artifactType here: skopeo 1.9 refuses to copy an index whose descriptors carry one; manifest and index say it.
        Descriptor descriptor = Add(blobs, MediaTypes.ImageManifest, oci) with
        {
            Platform = TargetPlatform.Of(variant.Target),
            Annotations = new Dictionary<string, string> { [AnnotationNames.Target] = variant.Target },
        };
        return new BuiltVariant(manifest, descriptor, layers.Sum(l => l.Size));
    }

    private static List<(SectionKind Kind, ReadOnlyMemory<byte> Bytes)> Sections(VariantInput variant)
    {
        var sections = new List<(SectionKind, ReadOnlyMemory<byte>)> { (SectionKind.Model, variant.Plan) };
        if (variant.Managed is { } managed)
        {
            sections.Add((SectionKind.Managed, managed));
        }

        if (variant.Vectors is { } vectors)
        {
            sections.Add((SectionKind.Vectors, VectorsFile.Write(vectors)));
        }

        if (variant.Baseline is { } baseline)
        {
            sections.Add((SectionKind.Baseline, baseline));
        }

        if (variant.Labels is { } labels)
        {
            sections.Add((SectionKind.Labels, LabelsFile.Write(labels)));
        }

        return sections;
    }

    private static CapsuleManifest Describe(CapsuleBuildInput input, VariantInput variant, IEnumerable<(SectionKind Kind, ReadOnlyMemory<byte> Bytes)> sections) => new()
    {
        Name = input.Name,
        Version = input.Version,
        SecurityCounter = input.SecurityCounter,
        Target = variant.Target,
        Engine = variant.Engine,
        Needs = variant.Needs with { StateBytes = checked((uint)Aligned(variant.Needs.StateBytes + variant.Pre.Sum(p => p.WindowBytes))) },
        Operators = variant.Operators,
        Capabilities = variant.Capabilities,
        Processor = variant.Processor,
        Sections = [.. sections.Select(s => SectionEntry.Of(s.Kind, s.Bytes.Span))],
        Pre = [.. variant.Pre.OrderBy(p => p.Input)],
        Post = variant.Post,
    };

    private static CapsuleConfig Config(CapsuleBuildInput input, CapsuleManifest manifest, VariantInput variant) => new(
        input.Name, input.Version, input.SecurityCounter, variant.Target, input.ModelName, input.ModelDigest, input.CompilerVersion, input.SdkVersion,
        manifest.Needs, variant.Figures);

    private static Dictionary<string, string> Annotations(CapsuleBuildInput input, string? target = null)
    {
        var annotations = new Dictionary<string, string>
        {
            [AnnotationNames.Name] = input.Name,
            [AnnotationNames.Version] = input.Version,
            [AnnotationNames.Sdk] = input.SdkVersion,
        };
        if (target is not null)
        {
            annotations.Add(AnnotationNames.Target, target);
        }

        return annotations;
    }

    private static string Title(SectionKind kind, string target) => kind switch
    {
        SectionKind.Model => "model.nfrp",
        SectionKind.Managed => target == TargetPlatform.Host ? "processor.dll" : "processor.pe",
        SectionKind.Vectors => "vectors.nfrv",
        SectionKind.Baseline => "baseline.nfrb",
        _ => "labels.txt",
    };

    private static long Aligned(long bytes) => (bytes + StateAlignment - 1) / StateAlignment * StateAlignment;

    private static Descriptor Titled(Descriptor layer, string title) =>
        layer with { Annotations = new Dictionary<string, string> { [AnnotationNames.Title] = title } };

    private static Descriptor Add(Dictionary<Digest, ReadOnlyMemory<byte>> blobs, string mediaType, ReadOnlyMemory<byte> bytes)
    {
        Descriptor descriptor = Descriptor.Of(mediaType, bytes.Span);
        blobs[descriptor.Digest] = bytes.ToArray();
        return descriptor;
    }
}
