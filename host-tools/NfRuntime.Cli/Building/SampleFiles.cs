using System;
using System.IO;
using System.Linq;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Projects;

namespace NfRuntime.Cli.Building;

/// <summary>The files that golden vectors are made of.</summary>
internal static class SampleFiles
{
    /// <summary>The first <see cref="VectorSource.Count"/> files, by name.</summary>
    /// <exception cref="ToolException">There are not so many.</exception>
    public static string[] Find(VectorSource source)
    {
        string folder = Path.GetDirectoryName(source.Inputs)!;
        string pattern = Path.GetFileName(source.Inputs);
        string[] files = Directory.Exists(folder) ? Directory.GetFiles(folder, pattern) : [];
        Array.Sort(files, StringComparer.Ordinal);
        return files.Length >= source.Count
            ? [.. files.Take(source.Count)]
            : throw new ToolException(
                ErrorCodes.ProjectVectors,
                $"vectors.inputs {source.Inputs} finds {files.Length} files, and vectors.count is {source.Count}.",
                "Add real inputs, or lower vectors.count.");
    }
}
