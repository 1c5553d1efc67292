using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Models;

namespace NfRuntime.Cli.Evaluation;

/// <summary>
/// The class of each record of an inputs file: a JSON array of numbers, or an object whose property with the inputs file's name
/// has an array "labels".
/// </summary>
internal static class LabelFile
{
    private const int MaxBytes = 64 << 20;
    private const string Forms = "A label file is an array of class numbers, or an object with the inputs file's name as key and an array \"labels\" in it.";

    /// <summary>Class numbers in the order of the records.</summary>
    /// <exception cref="ToolException">The file has neither form, or no labels for these inputs.</exception>
    public static IReadOnlyList<int> Read(string path, string inputs)
    {
        var file = new FileInfo(path);
        if (!file.Exists || file.Length > MaxBytes)
        {
            throw Unusable(path, file.Exists ? $"has {file.Length:N0} bytes; at most {MaxBytes:N0} are read" : "is not there");
        }

        NamedFile.RequireContent(path);
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 8 });
            return Numbers(path, Find(path, document.RootElement, Path.GetFileName(inputs)));
        }
        catch (JsonException e)
        {
            throw Unusable(path, $"is not JSON: {e.Message.TrimEnd('.')}");
        }
    }

    private static JsonElement Find(string path, JsonElement root, string inputs)
    {
        if (root.ValueKind == JsonValueKind.Array)
        {
            return root;
        }

        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty(inputs, out JsonElement entry))
        {
            throw Unusable(path, $"has no entry \"{inputs}\"");
        }

        return entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty("labels", out JsonElement labels) && labels.ValueKind == JsonValueKind.Array
            ? labels
            : throw Unusable(path, $"has no labels for {inputs}");
    }

    private static List<int> Numbers(string path, JsonElement array)
    {
        var labels = new List<int>(array.GetArrayLength());
        foreach (JsonElement element in array.EnumerateArray())
        {
            labels.Add(element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out int label) && label >= 0
                ? label
                : throw Unusable(path, $"has {element} as label {labels.Count}, which is no class number"));
        }

        return labels;
    }

    private static ToolException Unusable(string path, string what) => new(ErrorCodes.DataSet, $"{path} {what}.", Forms);
}
