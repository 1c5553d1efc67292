using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
using Xunit;

namespace NfRuntime.VirtualDevice.Tests;

/// <summary>The checkout that the tests run in, and its programs.</summary>
internal static class Checkout
{
    public static string Root { get; } = Find();

    public static string Board => Path.Combine(Root, "boards", "virtual", "board.json");

    public static string Images => Path.Combine(Root, "samples", "fashion", "images");

    public static string Device => Built("dotnet", "bin", "NfRuntime.VirtualDevice", "release", "nfr-device");

    /// <summary>Runs capsule; its output.</summary>
    public static async Task<string> CapsuleAsync(string home, params string[] arguments)
    {
        Built("firmware", "host", "nfr-runner");
        var start = new ProcessStartInfo(Built("dotnet", "bin", "NfRuntime.Cli", "release", "capsule"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NFR_HOME"] = home;
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"capsule {string.Join(' ', (IEnumerable<string>)arguments)}: {process.ExitCode}\n{output}\n{await error}");
        return output;
    }

    // Its absence is a failure: test.sh builds all of it first.
    private static string Built(params string[] parts)
    {
        string path = Path.Combine([Root, "artifacts", .. parts]);
        Assert.True(File.Exists(path), $"{path} is missing: build it first (bash test.sh does)");
        return path;
    }

    private static string Find()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "nf-runtime.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("the tests are not in a checkout");
    }
}
