using System;
using System.IO;
using NfRuntime.Cli.Errors;

namespace NfRuntime.Cli.Hosting;

/// <summary>Where the tool keeps keys and images: $NFR_HOME, else nf-runtime in the user's data folder (~/.local/share on Linux), as <see cref="NfRuntime.Images.Oci.ImageStore.DefaultRoot"/>.</summary>
internal sealed class ToolHome
{
    public const string HomeVariable = "NFR_HOME";

    /// <exception cref="ToolException">$NFR_HOME names a file.</exception>
    public ToolHome(ToolEnvironment environment)
    {
        string? home = environment.Variable(HomeVariable);
        Root = Path.GetFullPath(string.IsNullOrEmpty(home)
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "nf-runtime")
            : home);
        if (File.Exists(Root))
        {
            throw new ToolException(ErrorCodes.OptionValue, $"${HomeVariable} names a file: {Root}.", "Name a folder, which is made when it is not there.");
        }
    }

    public string Root { get; }

    public string Keys => Path.Combine(Root, "keys");

    /// <summary>The OCI layout that holds the images.</summary>
    public string Images => Path.Combine(Root, "images");

    /// <summary>What <c>capsule up</c> started, and how to reach it.</summary>
    public string Playground => Path.Combine(Root, "playground");
}
