using System;
using System.IO;
using System.Linq;

namespace NfRuntime.Runtime.Tests;

/// <summary>Where the build puts the device legs that the tests read.</summary>
internal static class DeviceAssemblies
{
    public static string Root { get; } = FindRoot();

    private static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Name.Split('_')[0];

    public static string Capsules => Built("NfRuntime.Capsules", $"{Configuration}_netnano1.0", "NfRuntime.Capsules.dll");

    public static string Agent => Built("NfRuntime.Agent", $"{Configuration}_netnano1.0", "NfRuntime.Agent.dll");

    public static string M2Mqtt => Built("NfRuntime.Agent.M2Mqtt", $"{Configuration}_netnano1.0", "NfRuntime.Agent.M2Mqtt.dll");

    public static string BoardAgent => Built("BoardAgent", Configuration, "BoardAgent.exe");

    public static string Native => Built("NfRuntime.Native", $"{Configuration}_netnano1.0", "NfRuntime.Native.dll");

    public static string Reference(string name) => Built(name, Configuration, name + ".dll");

    public static string Samples => Built("DeviceSubsetSamples", Configuration, "DeviceSubsetSamples.dll");

    private static string Built(string project, string folder, string file)
    {
        string path = Path.Combine(Root, "artifacts", "dotnet", "bin", project, folder, file);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{file} was not built; build nf-runtime.sln first", path);
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !folder.EnumerateFiles("nf-runtime.sln").Any())
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("the checkout's root");
    }
}
