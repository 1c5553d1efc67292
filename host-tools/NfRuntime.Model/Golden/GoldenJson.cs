using System;
using System.Globalization;
using System.IO;
using System.Text.Json;

namespace NfRuntime.Model.Golden;

/// <summary>Strict access to JSON: every mismatch is a <see cref="GoldenFileException"/> that names the place.</summary>
internal static class GoldenJson
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    /// <summary>What <paramref name="parse"/> makes of a file; what it finds wrong is told with the file's name.</summary>
    public static T Load<T>(string path, int maxBytes, Func<ReadOnlyMemory<byte>, T> parse)
    {
        byte[] bytes = Read(path, maxBytes);
        try
        {
            return parse(bytes);
        }
        catch (GoldenFileException e)
        {
            throw new GoldenFileException($"{Path.GetFileName(path)}: {e.Message}", e);
        }
    }

    /// <summary>The bytes of a file, once its size has been found acceptable.</summary>
    private static byte[] Read(string path, int maxBytes)
    {
        if (new FileInfo(path) is { Exists: true, Length: 0 })
        {
            // Opening a pipe, which has no length, would wait for ever.
            throw new GoldenFileException($"{Path.GetFileName(path)} is empty, or a pipe or device");
        }

        using FileStream stream = File.OpenRead(path);
        if (stream.Length > maxBytes)
        {
            throw new GoldenFileException($"{Path.GetFileName(path)} has {stream.Length} bytes; at most {maxBytes} are read");
        }

        var bytes = new byte[(int)stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    public static JsonDocument Parse(ReadOnlyMemory<byte> utf8, int maxBytes)
    {
        if (utf8.Length > maxBytes)
        {
            throw new GoldenFileException($"the file has {utf8.Length} bytes; at most {maxBytes} are read");
        }

        try
        {
            return JsonDocument.Parse(utf8, Options);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The search for duplicate properties throws the latter when a name holds half of a surrogate pair.
            throw new GoldenFileException($"not JSON: {e.Message}", e);
        }
    }

    public static JsonElement Member(JsonElement parent, string name, string where) =>
        Find(parent, name, where) ?? throw new GoldenFileException($"{where} has no \"{name}\"");

    public static JsonElement.ArrayEnumerator Array(JsonElement parent, string name, string where) =>
        Elements(Member(parent, name, where), $"{where}: \"{name}\"");

    public static JsonElement.ArrayEnumerator OptionalArray(JsonElement parent, string name, string where) =>
        Find(parent, name, where) is { } array ? Elements(array, $"{where}: \"{name}\"") : default;

    public static string String(JsonElement parent, string name, string where) =>
        Text(Member(parent, name, where), $"{where}: \"{name}\"");

    public static string? OptionalString(JsonElement parent, string name, string where) =>
        Find(parent, name, where) is { } value ? Text(value, $"{where}: \"{name}\"") : null;

    public static bool? OptionalBoolean(JsonElement parent, string name, string where) => Find(parent, name, where)?.ValueKind switch
    {
        null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw new GoldenFileException($"{where}: \"{name}\" is neither true nor false"),
    };

    public static long Integer(JsonElement parent, string name, string where, long min, long max)
    {
        JsonElement element = Member(parent, name, where);
        return element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out long value) && value >= min && value <= max
            ? value
            : throw new GoldenFileException($"{where}: \"{name}\" is not an integer from {min} to {max}");
    }

    public static uint Crc(JsonElement element, string where)
    {
        string text = Text(element, where);
        return text.Length == 8 && uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint crc)
            ? crc
            : throw new GoldenFileException($"{where} is not a CRC-32 of eight hex digits");
    }

    public static byte[] Hex(string text, string where)
    {
        try
        {
            return Convert.FromHexString(text);
        }
        catch (FormatException e)
        {
            throw new GoldenFileException($"{where} is not hex", e);
        }
    }

    public static string Text(JsonElement element, string where)
    {
        if (element.ValueKind != JsonValueKind.String)
        {
            throw new GoldenFileException($"{where} is not a string");
        }

        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new GoldenFileException($"{where} is not valid Unicode", e);
        }
    }

    private static JsonElement? Find(JsonElement parent, string name, string where)
    {
        if (parent.ValueKind != JsonValueKind.Object)
        {
            throw new GoldenFileException($"{where} is not an object");
        }

        return parent.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    private static JsonElement.ArrayEnumerator Elements(JsonElement array, string where) =>
        array.ValueKind == JsonValueKind.Array
            ? array.EnumerateArray()
            : throw new GoldenFileException($"{where} is not an array");
}
