using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace NfRuntime.Model.Execution;

/// <summary>The runner on a bare core emulated by QEMU: job and result are files that it reaches by semihosting (firmware/RUNNER.md).</summary>
/// <param name="elf">Path of nfr-runner.elf.</param>
/// <param name="machine">QEMU's machine and CPU arguments.</param>
/// <param name="timeout">Longest time for one job; 20 minutes when null.</param>
public sealed class QemuRunner(string elf, IReadOnlyList<string> machine, TimeSpan? timeout = null) : IPlanRunner, IDisposable
{
    /// <summary>Name of the board with a Cortex-M4F.</summary>
    public const string CortexM4Board = "qemu-mps2-an386";

    private const string Emulator = "qemu-system-arm";

    private readonly TimeSpan _timeout = timeout ?? TimeSpan.FromMinutes(20);
    private readonly Lock _lock = new();
    private Process? _process;
    private bool _disposed;

    /// <summary>More arguments for QEMU, such as a plugin.</summary>
    public IReadOnlyList<string> ExtraArguments { get; init; } = [];

    /// <summary>The emulated Cortex-M4F (boards/qemu-mps2-an386) with the runner that <paramref name="elf"/> names.</summary>
    public static QemuRunner CortexM4(string elf, IReadOnlyList<string>? extraArguments = null) =>
        new(elf, ["-M", "mps2-an386", "-cpu", "cortex-m4"]) { ExtraArguments = extraArguments ?? [] };

    /// <inheritdoc/>
    public RunResult Run(RunJob job) => RunAll([job])[0];

    /// <summary>Runs jobs in one emulation, which starts once.</summary>
    /// <returns>One result a job.</returns>
    /// <exception cref="RunnerException">As of <see cref="Run"/>; then there is no result at all.</exception>
    public IReadOnlyList<RunResult> RunAll(IReadOnlyList<RunJob> jobs)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("nfr-");
        try
        {
            // Short relative names: the emulated program gets them in one line of text.
            using (FileStream file = File.Create(Path.Combine(folder.FullName, "in.job")))
            {
                foreach (RunJob job in jobs)
                {
                    RunnerProtocol.WriteJob(file, job);
                }
            }

            Emulate(folder.FullName);
            using FileStream result = File.OpenRead(Path.Combine(folder.FullName, "out.result"));
            return [.. jobs.Select(job => RunnerProtocol.ReadResult(result, job))];
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw new RunnerException($"the emulated board gave no result: {e.Message}", e);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Ends a running emulator; its job fails with a <see cref="RunnerException"/>.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _process?.Kill();
        }
    }

    private void Emulate(string folder)
    {
        var start = new ProcessStartInfo(Emulator)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] fixedArguments =
        [
            "-nographic", "-monitor", "none", "-serial", "none", "-kernel", Path.GetFullPath(elf),
            "-semihosting-config", "enable=on,target=native,arg=nfr-runner,arg=in.job,arg=out.result",
        ];
        foreach (string argument in (IEnumerable<string>)[.. machine, .. fixedArguments, .. ExtraArguments])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Start(start);
        try
        {
            Await(process);
        }
        finally
        {
            lock (_lock)
            {
                _process = null;
            }
        }
    }

    private void Await(Process process)
    {
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(_timeout))
        {
            process.Kill();
            process.WaitForExit();
            throw new RunnerException($"the emulated board did not answer in {_timeout.TotalMinutes:F0} min");
        }

        if (process.ExitCode != 0)
        {
            throw new RunnerException($"the emulated board ended with code {process.ExitCode}: {(output.Result + errors.Result).Trim()}");
        }
    }

    private Process Start(ProcessStartInfo start)
    {
        try
        {
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                return _process = Process.Start(start) ?? throw new RunnerException($"{Emulator} did not start");
            }
        }
        catch (Win32Exception e)
        {
            throw new RunnerException($"{Emulator} cannot be started: {e.Message}; install it (Debian: qemu-system-arm)", e);
        }
    }
}
