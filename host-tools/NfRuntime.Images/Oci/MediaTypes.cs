using NfRuntime.Images.Capsule;

namespace NfRuntime.Images.Oci;

/// <summary>Media types and annotations: firmware/capsule/SPEC.md, section 7.</summary>
public static class MediaTypes
{
    public const string ImageIndex = "application/vnd.oci.image.index.v1+json";
    public const string ImageManifest = "application/vnd.oci.image.manifest.v1+json";
    public const string ArtifactType = Prefix + ".v1";
    public const string Config = Prefix + ".config.v1+json";
    public const string CapsuleManifest = Prefix + ".manifest.v1";
    private const string Prefix = "application/vnd.nf-runtime.capsule";

    /// <summary>The layer of a section.</summary>
    public static string Of(SectionKind kind) => kind switch
    {
        SectionKind.Model => Prefix + ".model.v1",
        SectionKind.Managed => Prefix + ".managed.v1",
        SectionKind.Vectors => Prefix + ".vectors.v1",
        SectionKind.Baseline => Prefix + ".baseline.v1",
        _ => Prefix + ".labels.v1",
    };
}

/// <summary>Annotation keys.</summary>
public static class AnnotationNames
{
    public const string ReferenceName = "org.opencontainers.image.ref.name";
    public const string Title = "org.opencontainers.image.title";
    public const string Version = "org.opencontainers.image.version";
    public const string Name = "dev.nf-runtime.name";
    public const string Target = "dev.nf-runtime.target";
    public const string Sdk = "dev.nf-runtime.sdk";
}
