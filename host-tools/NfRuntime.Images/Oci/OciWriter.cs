using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace NfRuntime.Images.Oci;

/// <summary>One form for each document: fixed order of fields, annotations sorted, no white space, no dates; so that digests are reproducible.</summary>
public static class OciWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(ImageManifest manifest) => Document(json =>
    {
        json.WriteNumber("schemaVersion", 2);
        json.WriteString("mediaType", MediaTypes.ImageManifest);
        Optional(json, "artifactType", manifest.ArtifactType);
        json.WritePropertyName("config");
        Write(json, manifest.Config);
        Write(json, "layers", manifest.Layers);
        Write(json, manifest.Annotations);
    });

    public static byte[] Write(ImageIndex index) => Document(json =>
    {
        json.WriteNumber("schemaVersion", 2);
        json.WriteString("mediaType", MediaTypes.ImageIndex);
        Optional(json, "artifactType", index.ArtifactType);
        Write(json, "manifests", index.Manifests);
        Write(json, index.Annotations);
    });

    /// <summary>The file <c>oci-layout</c>.</summary>
    public static byte[] Layout() => Document(json => json.WriteString("imageLayoutVersion", OciReader.LayoutVersion));

    internal static byte[] Document(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<Descriptor> descriptors)
    {
        json.WriteStartArray(name);
        foreach (Descriptor descriptor in descriptors)
        {
            Write(json, descriptor);
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, Descriptor descriptor)
    {
        json.WriteStartObject();
        json.WriteString("mediaType", descriptor.MediaType);
        json.WriteString("digest", descriptor.Digest.ToString());
        json.WriteNumber("size", descriptor.Size);
        Optional(json, "artifactType", descriptor.ArtifactType);
        if (descriptor.Platform is { } platform)
        {
            json.WriteStartObject("platform");
            json.WriteString("architecture", platform.Architecture);
            json.WriteString("os", platform.Os);
            Optional(json, "variant", platform.Variant);
            json.WriteEndObject();
        }

        Write(json, descriptor.Annotations);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyDictionary<string, string> annotations)
    {
        if (annotations.Count == 0)
        {
            return;
        }

        json.WriteStartObject("annotations");
        foreach ((string key, string value) in annotations.OrderBy(a => a.Key, StringComparer.Ordinal))
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    private static void Optional(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
