using System;
using System.IO;
using Xunit;

namespace NfRuntime.Cli.Tests.Harness;

/// <summary>Places of the checkout that the tests run in.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string FashionV1 => Path.Combine(Root, "samples", "fashion", "v1");

    public static string FashionModel => Path.Combine(FashionV1, "fashion_v1.tflite");

    public static string Fashion => Path.Combine(Root, "samples", "fashion");

    /// <summary>A file that test.sh builds before the tests; its absence is a failure, not a reason to skip.</summary>
    public static string RequireBuilt(params string[] parts)
    {
        string path = Path.Combine([Root, "artifacts", .. parts]);
        Assert.True(File.Exists(path), $"{path} is missing: build it first (bash test.sh does)");
        return path;
    }

    /// <summary>The engine on this machine.</summary>
    public static string RequireRunner() =>
        Environment.GetEnvironmentVariable("NFR_RUNNER") is { Length: > 0 } named ? named : RequireBuilt("firmware", "host", "nfr-runner");

    /// <summary>The virtual device and its library.</summary>
    public static void RequireDevice()
    {
        RequireBuilt("firmware", "host", "libnfr.so");
        RequireBuilt("dotnet", "bin", "NfRuntime.VirtualDevice", "release", "nfr-device");
    }

    /// <summary>Something in ../shared; the test is skipped when it is missing.</summary>
    public static string Shared(string relative)
    {
        string path = Path.Combine(Path.GetDirectoryName(Root)!, "shared", relative);
        Assert.SkipUnless(File.Exists(path) || Directory.Exists(path), $"../shared is missing: {relative} was not tested");
        return path;
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "nf-runtime.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("the tests are not in a checkout");
    }
}
