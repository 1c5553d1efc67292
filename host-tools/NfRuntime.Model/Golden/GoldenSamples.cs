using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;

namespace NfRuntime.Model.Golden;

/// <summary>Golden outputs for a file of real inputs: fixed-size records, one output each.</summary>
/// <param name="Model">File name of the model.</param>
/// <param name="Samples">File name of the inputs.</param>
/// <param name="RecordBytes">Bytes of one input record.</param>
/// <param name="Outputs">The output tensor's bytes for each record, in file order.</param>
public sealed record GoldenSamples(string Model, string Samples, int RecordBytes, IReadOnlyList<ReadOnlyMemory<byte>> Outputs)
{
    /// <summary>Reads the file at <paramref name="path"/>.</summary>
    /// <exception cref="GoldenFileException">The content is not a file of golden outputs for samples.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static GoldenSamples Load(string path) => GoldenJson.Load(path, GoldenFile.MaxFileBytes, Parse);

    /// <summary>Reads UTF-8 JSON.</summary>
    /// <exception cref="GoldenFileException">The content is not a file of golden outputs for samples.</exception>
    public static GoldenSamples Parse(ReadOnlyMemory<byte> utf8)
    {
        using JsonDocument document = GoldenJson.Parse(utf8, GoldenFile.MaxFileBytes);
        JsonElement root = document.RootElement;
        var outputs = new List<ReadOnlyMemory<byte>>();
        foreach (JsonElement element in GoldenJson.Array(root, "outputs_hex", "the file"))
        {
            string where = $"outputs_hex[{outputs.Count}]";
            outputs.Add(GoldenJson.Hex(GoldenJson.Text(element, where), where));
        }

        return new GoldenSamples(
            GoldenJson.String(root, "model", "the file"),
            GoldenJson.String(root, "samples", "the file"),
            (int)GoldenJson.Integer(root, "record_bytes", "the file", 1, int.MaxValue),
            outputs);
    }
}
