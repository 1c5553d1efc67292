using System;
using System.IO;

namespace NfRuntime.Images.Tests;

internal static class TestFolders
{
    /// <summary>The checkout's root: the nearest parent of the test binary that holds the solution.</summary>
    public static string Root { get; } = Find();

    public static string CapsuleVectors => Path.Combine(Root, "tests", "vectors", "capsule");

    public static string StoreVectors => Path.Combine(Root, "tests", "vectors", "store");

    private static string Find()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "nf-runtime.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("the tests run outside a checkout");
    }
}

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("nfr-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
