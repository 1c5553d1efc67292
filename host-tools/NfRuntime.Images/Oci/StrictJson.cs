using System;
using System.Collections.Generic;
using System.Text.Json;

namespace NfRuntime.Images.Oci;

/// <summary>Members of untrusted JSON with their kinds and limits checked; no reflection, so that commands start fast.</summary>
internal static class StrictJson
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = OciLimits.JsonDepth, AllowDuplicateProperties = false };

    public static T Read<T>(ReadOnlyMemory<byte> utf8, string what, Func<JsonElement, T> read)
    {
        if (utf8.Length > OciLimits.JsonBytes)
        {
            throw new ContentException(ContentError.TooLarge, $"{what} has {utf8.Length} bytes; at most {OciLimits.JsonBytes} are read");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8, Options);
            return document.RootElement.ValueKind == JsonValueKind.Object ? read(document.RootElement) : throw Malformed(what, "is no JSON object");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter: text that is no Unicode
        {
            throw new ContentException(ContentError.Malformed, $"{what} is not the JSON that it should be: {e.Message}", e);
        }
    }

    public static JsonElement Member(JsonElement parent, string name, JsonValueKind kind, string what) =>
        parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == kind ? value : throw Malformed(what, $"has no {name}");

    public static string String(JsonElement parent, string name, string what) =>
        OptionalString(parent, name, what) ?? throw Malformed(what, $"has no {name}");

    public static string? OptionalString(JsonElement parent, string name, string what) =>
        parent.TryGetProperty(name, out JsonElement value) ? Text(value, name, what) : null;

    public static long Integer(JsonElement parent, string name, long max, string what)
    {
        JsonElement value = Member(parent, name, JsonValueKind.Number, what);
        return value.TryGetInt64(out long number) && number >= 0 && number <= max ? number : throw Malformed(what, $"has a {name} outside 0 to {max}");
    }

    public static IReadOnlyList<T> Array<T>(JsonElement parent, string name, int max, string what, Func<JsonElement, T> read)
    {
        JsonElement array = Member(parent, name, JsonValueKind.Array, what);
        if (array.GetArrayLength() > max)
        {
            throw new ContentException(ContentError.TooLarge, $"{what} has {array.GetArrayLength()} {name}; at most {max} are read");
        }

        var list = new List<T>(array.GetArrayLength());
        foreach (JsonElement element in array.EnumerateArray())
        {
            list.Add(element.ValueKind == JsonValueKind.Object ? read(element) : throw Malformed(what, $"has {name} that are no objects"));
        }

        return list;
    }

    public static IReadOnlyDictionary<string, string> Annotations(JsonElement parent, string what)
    {
        if (!parent.TryGetProperty("annotations", out JsonElement annotations) || annotations.ValueKind == JsonValueKind.Null)
        {
            return Descriptor.EmptyAnnotations;
        }

        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (JsonProperty property in Member(parent, "annotations", JsonValueKind.Object, what).EnumerateObject())
        {
            map.Add(property.Name, Text(property.Value, property.Name, what));
            if (map.Count > OciLimits.Annotations)
            {
                throw new ContentException(ContentError.TooLarge, $"{what} has more than {OciLimits.Annotations} annotations");
            }
        }

        return map;
    }

    public static ContentException Malformed(string what, string detail) => new(ContentError.Malformed, $"{what} {detail}");

    private static string Text(JsonElement value, string name, string what)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            throw Malformed(what, $"has a {name} that is no string");
        }

        return value.GetString() is { Length: <= OciLimits.StringLength } text ? text : throw Malformed(what, $"has a {name} of more than {OciLimits.StringLength} characters");
    }
}
