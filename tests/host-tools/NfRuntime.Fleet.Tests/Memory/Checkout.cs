using System;
using System.IO;

namespace NfRuntime.Fleet.Tests.Memory;

/// <summary>Files of the checkout and beside it.</summary>
internal static class Checkout
{
    public static string Root { get; } = Find();

    public static string Vectors(string name) => Path.Combine(Root, "tests", "vectors", "protocol", name);

    /// <summary>A file of ../shared, or null when there is none.</summary>
    public static string? Shared(params string[] parts)
    {
        string path = Path.GetFullPath(Path.Combine([Root, "..", "shared", .. parts]));
        return File.Exists(path) ? path : null;
    }

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "nf-runtime.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("the tests do not run inside a checkout");
    }
}
