using System;
using System.IO;
using Xunit;

namespace NfRuntime.Model.Tests;

/// <summary>The folder of test data that lies beside the checkout (`../shared`); a clone may not have it.</summary>
public static class SharedData
{
    /// <summary>The folder's full path, or null when there is none.</summary>
    public static string? Path { get; } = Find();

    /// <summary>The full path of a file or folder in it; skips the running test, saying why, when it is missing.</summary>
    /// <param name="relative">Path with forward slashes, such as "models/golden".</param>
    public static string Require(string relative)
    {
        if (Path is null)
        {
            Assert.Skip($"../shared is missing: {relative} was not tested");
        }

        string full = System.IO.Path.Combine(Path, relative);
        if (!File.Exists(full) && !Directory.Exists(full))
        {
            Assert.Skip($"../shared is missing: no {relative} in it");
        }

        return full;
    }

    // The checkout's root is the nearest parent of the test binary that holds the solution.
    private static string? Find()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "nf-runtime.sln")))
        {
            folder = folder.Parent;
        }

        string? shared = folder?.Parent is { } parent ? System.IO.Path.Combine(parent.FullName, "shared") : null;
        return Directory.Exists(shared) ? shared : null;
    }
}
