using System;
using System.IO;

namespace NfRuntime.Model.Execution;

/// <summary>Finds the host's runner.</summary>
public static class RunnerLocator
{
    /// <summary>Environment variable with the path of a runner; it wins over all other places.</summary>
    public const string Variable = "NFR_RUNNER";

    /// <summary>
    /// The path of nfr-runner: from <see cref="Variable"/>, beside this program, or artifacts/firmware/host of the checkout
    /// that this program lies in; null when there is none.
    /// </summary>
    public static string? Find()
    {
        string? named = Environment.GetEnvironmentVariable(Variable);
        if (!string.IsNullOrEmpty(named))
        {
            return named;
        }

        string file = OperatingSystem.IsWindows() ? "nfr-runner.exe" : "nfr-runner";
        string beside = Path.Combine(AppContext.BaseDirectory, file);
        if (File.Exists(beside))
        {
            return beside;
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string built = Path.Combine(folder.FullName, "artifacts", "firmware", "host", file);
            if (File.Exists(built))
            {
                return built;
            }
        }

        return null;
    }
}
