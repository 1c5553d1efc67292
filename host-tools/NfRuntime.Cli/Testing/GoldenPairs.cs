using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NfRuntime.Cli.Errors;

namespace NfRuntime.Cli.Testing;

/// <summary>A model and the golden file that belongs to it.</summary>
/// <param name="Name">As shown: relative to the folder that was asked for.</param>
/// <param name="Model">Path of the .tflite.</param>
/// <param name="Golden">Path of the .json.</param>
internal sealed record GoldenPair(string Name, string Model, string Golden);

/// <summary>Finds the golden files of models.</summary>
internal static class GoldenPairs
{
    private const string ModelPattern = "*.tflite";

    /// <summary>
    /// The pairs for a model, or for a folder: its models, or where it has none itself those of the folders below it.
    /// The golden file of M.tflite is M.json: in the folder <paramref name="golden"/> when that is one, else beside the model, in golden/
    /// beside it, or (layers) in golden/layers/.
    /// </summary>
    /// <exception cref="ToolException">There is no model, or a model has no golden file.</exception>
    public static IReadOnlyList<GoldenPair> Find(string path, string? golden, bool layers)
    {
        if (!Directory.Exists(path))
        {
            string file = golden is null ? Near(path, layers) ?? throw NoGolden(path)
                : Directory.Exists(golden) ? Path.Combine(golden, GoldenName(path)) : golden;
            return [new GoldenPair(Path.GetFileName(path), path, file)];
        }

        if (golden is not null && !Directory.Exists(golden))
        {
            throw new ToolException(ErrorCodes.OptionValue, $"{path} is a folder of models, but --golden {golden} is no folder.", "Name a folder, or leave --golden out: the file beside each model is used.");
        }

        string[] models = ModelsIn(path);
        if (models.Length == 0)
        {
            throw new ToolException(ErrorCodes.NothingToTest, $"{path} and the folders below it hold no .tflite file.", "Name a model or a folder of models.");
        }

        return [.. models.Select(model => new GoldenPair(Path.GetRelativePath(path, model), model, InFolder(model, golden, layers)))];
    }

    private static string[] ModelsIn(string folder)
    {
        string[] models = Directory.GetFiles(folder, ModelPattern);
        if (models.Length == 0)
        {
            models = Directory.GetFiles(folder, ModelPattern, SearchOption.AllDirectories);
        }

        Array.Sort(models, StringComparer.Ordinal);
        return models;
    }

    private static string InFolder(string model, string? golden, bool layers) =>
        golden is null ? Near(model, layers) ?? throw NoGolden(model) : Path.Combine(golden, GoldenName(model));

    private static string? Near(string model, bool layers)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(model))!;
        string name = GoldenName(model);
        string[] places = layers
            ? [Path.Combine(folder, "golden", "layers", name)]
            : [Path.Combine(folder, name), Path.Combine(folder, "golden", name)];
        return places.FirstOrDefault(File.Exists);
    }

    private static string GoldenName(string model) => Path.GetFileNameWithoutExtension(model) + ".json";

    private static ToolException NoGolden(string model) =>
        new(ErrorCodes.NothingToTest, $"There is no golden file for {model}.", "Name it with --golden FILE.");
}
