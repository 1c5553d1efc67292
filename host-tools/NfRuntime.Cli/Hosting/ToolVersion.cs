using System.Reflection;

namespace NfRuntime.Cli.Hosting;

/// <summary>The tool's version, without a source revision: it goes into images, which are reproducible.</summary>
internal static class ToolVersion
{
    public static string Text { get; } =
        typeof(ToolVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
