using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace NfRuntime.VirtualDevice.Serving;

/// <summary>What stands in for the sensor: raw samples from files, in a loop.</summary>
internal sealed class Samples
{
    private const int MaxBytes = 64 << 20;
    private readonly (string Name, byte[] Bytes)[] _samples;

    private Samples((string Name, byte[] Bytes)[] samples) => _samples = samples;

    public int Count => _samples.Length;

    /// <exception cref="RefusedException">A file is missing, empty or too large.</exception>
    public static Samples Read(IReadOnlyList<string> paths)
    {
        IEnumerable<string> files = paths.SelectMany(path => Directory.Exists(path) ? Directory.GetFiles(path).Order(StringComparer.Ordinal) : (IEnumerable<string>)[path]);
        return new Samples([.. files.Select(file => new FileInfo(file) is { Exists: true, Length: > 0 and <= MaxBytes }
            ? (Path.GetFileName(file), File.ReadAllBytes(file))
            : throw new RefusedException("input", $"{file} is no sample: missing, empty, or more than {MaxBytes} bytes"))]);
    }

    /// <summary>Sample number 0 …, from the beginning again after the last.</summary>
    public (string Name, byte[] Bytes) At(long number) => _samples[number % _samples.Length];
}
