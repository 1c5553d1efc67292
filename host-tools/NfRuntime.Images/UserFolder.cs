using System;

namespace NfRuntime.Images;

/// <summary>Where this user's images, keys and settings are.</summary>
public static class UserFolder
{
    private const string Variable = "NFR_HOME";

    /// <summary><c>$NFR_HOME</c>, else <c>nf-runtime</c> in the user's data folder (<c>~/.local/share/nf-runtime</c> on Linux). It need not exist.</summary>
    public static string Path
    {
        get
        {
            string? home = Environment.GetEnvironmentVariable(Variable);
            return string.IsNullOrEmpty(home)
                ? System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "nf-runtime")
                : System.IO.Path.GetFullPath(home);
        }
    }
}
