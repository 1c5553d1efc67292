using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Boards;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;

namespace NfRuntime.Cli.Devices;

/// <summary>What a virtual device is asked to run.</summary>
/// <param name="Blobs">The blobs folder of an OCI layout.</param>
/// <param name="Manifest">Digest of the capsule manifest.</param>
/// <param name="RootKey">The root's public key.</param>
/// <param name="KeyList">The key list.</param>
/// <param name="Inputs">Files with raw samples.</param>
internal sealed record DeviceJob(string Blobs, string Manifest, string RootKey, string KeyList, IReadOnlyList<string> Inputs);

/// <summary>The virtual device (boards/virtual): a process with the real firmware library and the real managed side.</summary>
internal sealed class VirtualDevice(ToolEnvironment environment)
{
    public const string Variable = "NFR_DEVICE";

    /// <summary>Runs the job; <paramref name="received"/> gets every line that the device answers.</summary>
    /// <exception cref="ToolException">There is no device, it refused the capsule, or it broke off.</exception>
    public async Task RunAsync(DeviceJob job, Action<DeviceLine> received, CancellationToken cancellation)
    {
        using Process process = Start(job);
        using CancellationTokenRegistration stop = cancellation.Register(() => Kill(process));
        Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        DeviceLine? refusal = null;
        while (await process.StandardOutput.ReadLineAsync(CancellationToken.None).ConfigureAwait(false) is { } text)
        {
            DeviceLine line = Parse(text);
            if (line.Error is not null)
            {
                refusal = line;
            }
            else
            {
                received(line);
            }
        }

        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        if (process.ExitCode != 0 || refusal is not null)
        {
            throw Failure(process.ExitCode, refusal, await errors.ConfigureAwait(false));
        }
    }

    /// <summary>The device's program.</summary>
    /// <exception cref="ToolException">It is not there.</exception>
    public static string Find(ToolEnvironment environment) => Checkout.FindFile(environment, Variable, "artifacts", "dotnet", "bin", "NfRuntime.VirtualDevice", "release", "nfr-device")
        ?? throw new ToolException(ErrorCodes.ToolMissing, "nfr-device, the virtual device, was not found.", $"Build it: dotnet build nf-runtime.sln -c Release; or name the file in ${Variable}.");

    private static ToolException Failure(int exitCode, DeviceLine? refusal, string errors)
    {
        if (refusal?.Message is { } sentence && LayoutRefusal.Describe(sentence) is { } named)
        {
            return new ToolException(ErrorCodes.DeviceRefused, $"The device refused: {named} ({refusal.Error}).", LayoutRefusal.Remedy);
        }

        return refusal?.Error is { } error
            ? new ToolException(ErrorCodes.DeviceRefused, $"The device refused: {refusal.Message ?? error} ({error}).", "capsule verify and capsule inspect show what the image asks for.")
            : new ToolException(ErrorCodes.DeviceFailed, $"The virtual device ended with code {exitCode}{(errors.Trim().Length == 0 ? string.Empty : ": " + errors.Trim())}.", "Run again with --verbose.");
    }

    private static DeviceLine Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, DeviceShapes.Default.DeviceLine) ?? throw new JsonException();
        }
        catch (JsonException e)
        {
            throw new ToolException(ErrorCodes.DeviceFailed, $"The virtual device answered something else than JSON: {text}.", "Build tool and device from one checkout.", e);
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

    private Process Start(DeviceJob job)
    {
        string path = Find(environment);
        var start = new ProcessStartInfo(path) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        string[] arguments = ["run", "--blobs", job.Blobs, "--manifest", job.Manifest, "--root-key", job.RootKey, "--key-list", job.KeyList];
        Array.ForEach(arguments, start.ArgumentList.Add);
        foreach (string input in job.Inputs)
        {
            start.ArgumentList.Add("--input");
            start.ArgumentList.Add(input);
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new ToolException(ErrorCodes.ToolMissing, $"{path} cannot be started: {e.Message}.", "Build it again: dotnet build nf-runtime.sln -c Release.", e);
        }
    }
}
