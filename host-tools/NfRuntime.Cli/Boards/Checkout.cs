using System;
using System.IO;
using NfRuntime.Cli.Hosting;

namespace NfRuntime.Cli.Boards;

/// <summary>The checkout that this tool was built in: $NFR_ROOT, else the folder above the tool that has nf-runtime.sln.</summary>
internal static class Checkout
{
    public const string RootVariable = "NFR_ROOT";

    /// <summary>The root, or null when the tool stands alone.</summary>
    public static string? Find(ToolEnvironment environment)
    {
        if (environment.Variable(RootVariable) is { } named)
        {
            return Path.GetFullPath(named);
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "nf-runtime.sln")))
            {
                return folder.FullName;
            }
        }

        return null;
    }

    /// <summary>A file named by <paramref name="variable"/>, else at <paramref name="parts"/> below the root; null when it is not there.</summary>
    public static string? FindFile(ToolEnvironment environment, string variable, params string[] parts)
    {
        string? path = environment.Variable(variable)
            ?? (Find(environment) is { } root ? Path.Combine([root, .. parts]) : null);
        return path is not null && File.Exists(path) ? path : null;
    }
}
