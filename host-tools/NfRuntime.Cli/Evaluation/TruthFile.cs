using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Models;

namespace NfRuntime.Cli.Evaluation;

/// <summary>The class of each sample file: a JSON object with class numbers by file name.</summary>
internal static class TruthFile
{
    private const int MaxBytes = 16 << 20;

    /// <summary>Class numbers by file name, at least of <paramref name="inputs"/>.</summary>
    /// <exception cref="ToolException">Not such a file, or an input is missing in it.</exception>
    public static IReadOnlyDictionary<string, int> Read(string path, IReadOnlyList<string> inputs)
    {
        var file = new FileInfo(path);
        if (!file.Exists || file.Length > MaxBytes)
        {
            throw Unusable(path, file.Exists ? "is too large" : "is not there");
        }

        NamedFile.RequireContent(path);
        var truth = new Dictionary<string, int>();
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw Unusable(path, "is no JSON object");
            }

            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                truth[property.Name] = property.Value.ValueKind == JsonValueKind.Number && property.Value.TryGetInt32(out int label)
                    ? label
                    : throw Unusable(path, $"has {property.Value} for {property.Name}, which is no class number");
            }
        }
        catch (JsonException e)
        {
            throw Unusable(path, $"is not JSON: {e.Message.TrimEnd('.')}");
        }

        foreach (string input in inputs)
        {
            if (!truth.ContainsKey(Path.GetFileName(input)))
            {
                throw Unusable(path, $"has no entry \"{Path.GetFileName(input)}\"");
            }
        }

        return truth;
    }

    private static ToolException Unusable(string path, string what) =>
        new(ErrorCodes.DataSet, $"{path} {what}.", "A truth file is an object: {\"file name\": class number, …}.");
}
