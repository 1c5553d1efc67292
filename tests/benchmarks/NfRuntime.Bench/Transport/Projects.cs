using System;
using System.Globalization;
using System.IO;

namespace NfRuntime.Bench.Transport;

/// <summary>Writes capsule projects for the benchmark: a model of ../shared and inputs of its own.</summary>
internal static class Projects
{
    /// <summary>A project folder; inputs are real samples when <paramref name="samples"/> has them, else drawn by a seed.</summary>
    /// <param name="folder">Is made.</param>
    /// <param name="name">The capsule's.</param>
    /// <param name="version">1, 2, …: version and counter.</param>
    /// <param name="model">The .tflite's bytes.</param>
    /// <param name="inputBytes">Of one sample.</param>
    /// <param name="samples">A file of samples, one after the other; null: none.</param>
    /// <param name="vectors">How many golden vectors.</param>
    public static string Write(string folder, string name, int version, byte[] model, int inputBytes, string? samples, int vectors)
    {
        Directory.CreateDirectory(Path.Combine(folder, "inputs"));
        File.WriteAllBytes(Path.Combine(folder, "model.tflite"), model);
        byte[] all = samples is null ? Drawn(inputBytes * vectors) : File.ReadAllBytes(samples);
        for (int i = 0; i < vectors; i++)
        {
            File.WriteAllBytes(Path.Combine(folder, "inputs", i.ToString("00", CultureInfo.InvariantCulture) + ".raw"), all[(i * inputBytes)..((i + 1) * inputBytes)]);
        }

        File.WriteAllText(Path.Combine(folder, "capsule.json"), $$"""
            {
              "name": "{{name}}",
              "version": "{{version}}.0.0",
              "counter": 0,
              "model": "model.tflite",
              "targets": ["host"],
              "vectors": { "inputs": "inputs/*.raw", "count": {{vectors}}, "format": "tensor" }
            }
            """);
        return folder;
    }

    private static byte[] Drawn(int count)
    {
        byte[] bytes = new byte[count];
        new Random(7).NextBytes(bytes);
        return bytes;
    }
}
