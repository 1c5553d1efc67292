using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace NfRuntime.Simulation.Histories;

/// <summary>Seeds of histories that once found something (found.txt): they stay in the tests.</summary>
internal static class FoundSeeds
{
    public static IReadOnlyList<(int Seed, bool IsReal, string Finding)> Read()
    {
        using StreamReader reader = new(typeof(FoundSeeds).Assembly.GetManifestResourceStream("found.txt")!);
        return [.. reader.ReadToEnd().Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(Parse)];
    }

    private static (int Seed, bool IsReal, string Finding) Parse(string line)
    {
        string[] parts = line.Split(": ", 2);
        string[] history = parts[0].Split(' ');
        return (int.Parse(history[0], CultureInfo.InvariantCulture), history.Length > 1, parts[1]);
    }
}
