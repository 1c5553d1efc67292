using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;

namespace NfRuntime.Model.Golden;

/// <summary>
/// Golden outputs of a model: what the reference kernels computed for seeded inputs (<see cref="LcgInput"/>).
/// The "layers" form has <see cref="GoldenCase.Operators"/> instead of outputs.
/// </summary>
/// <param name="Model">File name of the model.</param>
/// <param name="ModelSha256">SHA-256 of that file, lower-case hex; null in the layers form.</param>
/// <param name="ResetBetweenCases">
/// Whether variable tensors are reset before each case; otherwise before the first case only, and the cases run in order.
/// </param>
/// <param name="Cases">At least one.</param>
public sealed record GoldenFile(string Model, string? ModelSha256, bool ResetBetweenCases, IReadOnlyList<GoldenCase> Cases)
{
    /// <summary>Largest accepted file: 64 MiB.</summary>
    public const int MaxFileBytes = 64 << 20;

    /// <summary>Reads the file at <paramref name="path"/>.</summary>
    /// <exception cref="GoldenFileException">The content is not a golden file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static GoldenFile Load(string path) => GoldenJson.Load(path, MaxFileBytes, Parse);

    /// <summary>Reads a golden file from UTF-8 JSON.</summary>
    /// <exception cref="GoldenFileException">The content is not a golden file.</exception>
    public static GoldenFile Parse(ReadOnlyMemory<byte> utf8)
    {
        using JsonDocument document = GoldenJson.Parse(utf8, MaxFileBytes);
        JsonElement root = document.RootElement;
        var cases = new List<GoldenCase>();
        foreach (JsonElement element in GoldenJson.Array(root, "cases", "the file"))
        {
            cases.Add(ReadCase(element, $"cases[{cases.Count}]"));
        }

        if (cases.Count == 0)
        {
            throw new GoldenFileException("the file has no cases");
        }

        return new GoldenFile(
            GoldenJson.String(root, "model", "the file"),
            GoldenJson.OptionalString(root, "model_sha256", "the file"),
            GoldenJson.OptionalBoolean(root, "reset_between_cases", "the file") ?? true,
            cases);
    }

    private static GoldenCase ReadCase(JsonElement element, string where)
    {
        long seed = GoldenJson.Integer(element, "seed", where, 0, uint.MaxValue);
        var inputs = new List<uint>();
        foreach (JsonElement crc in GoldenJson.OptionalArray(element, "input_crc32", where))
        {
            inputs.Add(GoldenJson.Crc(crc, $"{where}.input_crc32[{inputs.Count}]"));
        }

        var outputs = new List<GoldenOutput>();
        foreach (JsonElement output in GoldenJson.OptionalArray(element, "outputs", where))
        {
            outputs.Add(ReadOutput(output, $"{where}.outputs[{outputs.Count}]"));
        }

        var operators = new List<GoldenOperator>();
        foreach (JsonElement op in GoldenJson.OptionalArray(element, "ops", where))
        {
            operators.Add(ReadOperator(op, $"{where}.ops[{operators.Count}]"));
        }

        return outputs.Count + operators.Count > 0
            ? new GoldenCase((uint)seed, inputs, outputs, operators)
            : throw new GoldenFileException($"{where} has neither outputs nor ops");
    }

    private static GoldenOutput ReadOutput(JsonElement element, string where)
    {
        uint crc = GoldenJson.Crc(GoldenJson.Member(element, "crc32", where), $"{where}.crc32");
        byte[] bytes = GoldenJson.Hex(GoldenJson.String(element, "hex", where), $"{where}.hex");
        return Crc32.Of(bytes) == crc
            ? new GoldenOutput(crc, bytes)
            : throw new GoldenFileException($"{where}: hex has CRC-32 {Crc32.Of(bytes):x8}, but crc32 says {crc:x8}");
    }

    private static GoldenOperator ReadOperator(JsonElement element, string where) => new(
        (int)GoldenJson.Integer(element, "op", where, 0, int.MaxValue),
        (int)GoldenJson.Integer(element, "tensor", where, 0, int.MaxValue),
        (int)GoldenJson.Integer(element, "bytes", where, 0, int.MaxValue),
        GoldenJson.Crc(GoldenJson.Member(element, "crc32", where), $"{where}.crc32"),
        GoldenJson.String(element, "name", where));
}

/// <summary>One case of a golden file.</summary>
/// <param name="Seed">Seed of <see cref="LcgInput"/>.</param>
/// <param name="InputCrc32">CRC-32 of each model input's bytes; empty in the layers form.</param>
/// <param name="Outputs">The model's outputs in order; empty in the layers form.</param>
/// <param name="Operators">Every operator's output tensor; empty outside the layers form.</param>
public sealed record GoldenCase(
    uint Seed,
    IReadOnlyList<uint> InputCrc32,
    IReadOnlyList<GoldenOutput> Outputs,
    IReadOnlyList<GoldenOperator> Operators);

/// <summary>One output tensor.</summary>
/// <param name="Crc32">CRC-32 of <paramref name="Bytes"/> (checked when read).</param>
/// <param name="Bytes">The tensor, little-endian.</param>
public sealed record GoldenOutput(uint Crc32, ReadOnlyMemory<byte> Bytes);

/// <summary>One operator's output in the layers form.</summary>
/// <param name="SourceIndex">The operator's index in the .tflite operator list.</param>
/// <param name="TensorSourceIndex">The output's index in the .tflite tensor table.</param>
/// <param name="ByteCount">Bytes of the output tensor.</param>
/// <param name="Crc32">CRC-32 of the output's bytes.</param>
/// <param name="Name">The operator's name in the TFLite schema.</param>
public sealed record GoldenOperator(int SourceIndex, int TensorSourceIndex, int ByteCount, uint Crc32, string Name);
