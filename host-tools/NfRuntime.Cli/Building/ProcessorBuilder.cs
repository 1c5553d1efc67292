using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Models;
using NfRuntime.Cli.Projects;

namespace NfRuntime.Cli.Building;

/// <summary>Builds a processor's project so that the same sources give the same bytes in any folder, at any commit.</summary>
internal static class ProcessorBuilder
{
    /// <summary>The assembly's bytes.</summary>
    /// <exception cref="ToolException">The project does not build, or makes no assembly.</exception>
    public static async Task<byte[]> BuildAsync(ProcessorSource source, CancellationToken cancellation) => source.Dll is { } dll
        ? await ReadAsync(dll, cancellation).ConfigureAwait(false)
        : (await BuildAsync(source.Project!, "none", cancellation).ConfigureAwait(false)).Dll;

    /// <summary>The project built once more with symbols, to find lines: never what goes into an image.</summary>
    /// <exception cref="ToolException">The project does not build.</exception>
    public static async Task<(byte[] Dll, byte[]? Symbols)> BuildWithSymbolsAsync(string project, CancellationToken cancellation) =>
        await BuildAsync(project, "portable", cancellation).ConfigureAwait(false);

    private static async Task<(byte[] Dll, byte[]? Symbols)> BuildAsync(string project, string debugType, CancellationToken cancellation)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("nfr-processor-");
        try
        {
            await RunDotnetAsync(project, folder.FullName, debugType, cancellation).ConfigureAwait(false);
            string name = Path.GetFileNameWithoutExtension(project);
            string built = Path.Combine(folder.FullName, "bin", name, "release", name);
            byte[]? symbols = File.Exists(built + ".pdb") ? await File.ReadAllBytesAsync(built + ".pdb", cancellation).ConfigureAwait(false) : null;
            return (await ReadAsync(built + ".dll", cancellation).ConfigureAwait(false), symbols);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The file's bytes.</summary>
    /// <exception cref="ToolException">It is not there.</exception>
    public static async Task<byte[]> ReadAsync(string path, CancellationToken cancellation)
    {
        NamedFile.RequireContent(path);
        return File.Exists(path)
            ? await File.ReadAllBytesAsync(path, cancellation).ConfigureAwait(false)
            : throw new ToolException(ErrorCodes.ProjectFile, $"There is no {path}.", "Check \"processor\" in capsule.json; an assembly has its project's name.");
    }

    private static async Task RunDotnetAsync(string project, string folder, string debugType, CancellationToken cancellation)
    {
        if (!File.Exists(project))
        {
            throw new ToolException(ErrorCodes.ProjectFile, $"There is no {project}.", "Check processor.project in capsule.json.");
        }

        using Process process = Start(project, folder, debugType);
        using CancellationTokenRegistration stop = cancellation.Register(() => Kill(process));
        Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        if (process.ExitCode != 0)
        {
            string[] lines = [.. (await output.ConfigureAwait(false) + await errors.ConfigureAwait(false))
                .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Where(line => line.Contains("error", StringComparison.OrdinalIgnoreCase)).Distinct()];
            throw new ToolException(ErrorCodes.ProcessorBuild, $"{Path.GetFileName(project)} does not build: {lines.FirstOrDefault() ?? $"dotnet ended with code {process.ExitCode}"}", $"dotnet build {project} -c Release shows everything.")
            {
                Further = [.. lines.Skip(1)],
            };
        }
    }

    // Everything that is built lies in the temporary folder: two builds at once do not meet, and nothing of an earlier one is used.
    private static Process Start(string project, string folder, string debugType)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        string[] arguments =
        [
            "build", project, "-c", "Release", "-v", "q", "-nologo", "-nodeReuse:false",
            "-p:UseArtifactsOutput=true", $"-p:ArtifactsPath={folder}", "-p:UseSharedCompilation=false",
            $"-p:PathMap={Path.GetDirectoryName(project)}=/_/", $"-p:DebugType={debugType}", "-p:Deterministic=true",
            "-p:IncludeSourceRevisionInInformationalVersion=false", "-p:RunAnalyzers=false",
        ];
        Array.ForEach(arguments, start.ArgumentList.Add);
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        KeepTemporary(start, folder);
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new ToolException(ErrorCodes.ToolMissing, "The .NET SDK that builds the processor was not found.", "Install .NET 10, or give the built assembly as processor.dll.", e);
        }
    }

    // The SDK leaves two folders of each build in the temporary folder (seen with 10.0.401): here they go with ours. What NuGet locks
    // stays where every other restore looks for it.
    private static void KeepTemporary(ProcessStartInfo start, string folder)
    {
        if (!OperatingSystem.IsWindows())
        {
            start.Environment.TryAdd("NUGET_SCRATCH", Path.Combine(Path.GetTempPath(), "NuGetScratch" + Environment.UserName));
            start.Environment["TMPDIR"] = folder;
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }
}
