using System;
using System.Text.Json;

namespace NfRuntime.Images.Oci;

/// <summary>Reads OCI documents from untrusted bytes. Unknown members are ignored, known ones are checked, duplicates are refused.</summary>
public static class OciReader
{
    public const string LayoutVersion = "1.0.0";

    /// <exception cref="ContentException">Not an image manifest, or beyond a limit.</exception>
    public static ImageManifest ReadManifest(ReadOnlyMemory<byte> utf8, string what) => StrictJson.Read(utf8, what, root =>
    {
        CheckSchema(root, MediaTypes.ImageManifest, what);
        return new ImageManifest(
            StrictJson.OptionalString(root, "artifactType", what),
            ReadDescriptor(StrictJson.Member(root, "config", JsonValueKind.Object, what), what),
            StrictJson.Array(root, "layers", OciLimits.Layers, what, e => ReadDescriptor(e, what)))
        {
            Annotations = StrictJson.Annotations(root, what),
        };
    });

    /// <exception cref="ContentException">Not an image index, or beyond a limit.</exception>
    public static ImageIndex ReadIndex(ReadOnlyMemory<byte> utf8, string what, int maxEntries = OciLimits.IndexEntries) => StrictJson.Read(utf8, what, root =>
    {
        CheckSchema(root, MediaTypes.ImageIndex, what);
        return new ImageIndex(StrictJson.Array(root, "manifests", maxEntries, what, e => ReadDescriptor(e, what)))
        {
            ArtifactType = StrictJson.OptionalString(root, "artifactType", what),
            Annotations = StrictJson.Annotations(root, what),
        };
    });

    /// <summary>Checks the file <c>oci-layout</c>.</summary>
    /// <exception cref="ContentException">Not a layout, or of another version.</exception>
    public static void CheckLayout(ReadOnlyMemory<byte> utf8)
    {
        string version = StrictJson.Read(utf8, "oci-layout", root => StrictJson.String(root, "imageLayoutVersion", "oci-layout"));
        if (version != LayoutVersion)
        {
            throw new ContentException(ContentError.Unsupported, $"the image layout has version {version}; {LayoutVersion} is known");
        }
    }

    private static void CheckSchema(JsonElement root, string mediaType, string what)
    {
        if (StrictJson.Integer(root, "schemaVersion", int.MaxValue, what) != 2)
        {
            throw StrictJson.Malformed(what, "has a schemaVersion other than 2");
        }

        if (StrictJson.OptionalString(root, "mediaType", what) is { } said && said != mediaType)
        {
            throw new ContentException(ContentError.Unsupported, $"{what} says that it is {said}; {mediaType} is expected");
        }
    }

    private static Descriptor ReadDescriptor(JsonElement element, string what)
    {
        string digest = StrictJson.String(element, "digest", what);
        if (!Digest.TryParse(digest, out Digest? parsed))
        {
            throw StrictJson.Malformed(what, "has a digest that is no sha256 digest");
        }

        string mediaType = StrictJson.String(element, "mediaType", what);
        return new Descriptor(
            mediaType.Length > 0 ? mediaType : throw StrictJson.Malformed(what, "has an empty mediaType"), parsed, StrictJson.Integer(element, "size", OciLimits.LayerBytes, what))
        {
            ArtifactType = StrictJson.OptionalString(element, "artifactType", what),
            Platform = ReadPlatform(element, what),
            Annotations = StrictJson.Annotations(element, what),
        };
    }

    private static Platform? ReadPlatform(JsonElement element, string what)
    {
        if (!element.TryGetProperty("platform", out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        JsonElement platform = StrictJson.Member(element, "platform", JsonValueKind.Object, what);
        return new Platform(
            StrictJson.String(platform, "architecture", what), StrictJson.String(platform, "os", what), StrictJson.OptionalString(platform, "variant", what));
    }
}
