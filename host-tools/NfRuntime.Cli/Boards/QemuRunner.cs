using System;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
using NfRuntime.Model.Execution;

namespace NfRuntime.Cli.Boards;

/// <summary>The runner on an emulated core: job and result are files that it reads and writes by semihosting (firmware/RUNNER.md).</summary>
/// <param name="machine">QEMU's machine.</param>
/// <param name="cpu">QEMU's cpu.</param>
/// <param name="firmware">The runner's ELF file.</param>
/// <param name="qemu">qemu-system-arm.</param>
internal sealed class QemuRunner(string machine, string cpu, string firmware, string qemu) : IPlanRunner, IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);
    private readonly object _lock = new();
    private Process? _process;
    private bool _disposed;

    public RunResult Run(RunJob job)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("nfr-qemu-");
        try
        {
            string jobFile = Path.Combine(folder.FullName, "in.job");
            string resultFile = Path.Combine(folder.FullName, "out.result");
            using (FileStream stream = File.Create(jobFile))
            {
                RunnerProtocol.WriteJob(stream, job);
            }

            Execute(jobFile, resultFile);
            using FileStream result = File.OpenRead(resultFile);
            return RunnerProtocol.ReadResult(result, job);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw new RunnerException($"the runner on {machine} gave no result: {e.Message}", e);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _process?.Kill();
        }
    }

    private void Execute(string jobFile, string resultFile)
    {
        using Process process = Start(jobFile, resultFile);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        bool ended = process.WaitForExit(Timeout);
        lock (_lock)
        {
            _process = null;
        }

        if (!ended)
        {
            process.Kill();
            throw new RunnerException($"{machine} did not answer in {Timeout.TotalMinutes} minutes");
        }

        if (process.ExitCode != 0)
        {
            string said = (output.GetAwaiter().GetResult() + errors.GetAwaiter().GetResult()).Trim();
            throw new RunnerException($"{machine} ended with code {process.ExitCode}{(said.Length == 0 ? string.Empty : ": " + said)}");
        }
    }

    private Process Start(string jobFile, string resultFile)
    {
        var start = new ProcessStartInfo(qemu)
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        string[] arguments =
        [
            "-M", machine, "-cpu", cpu, "-nographic", "-monitor", "none", "-serial", "none",
            "-semihosting-config", $"enable=on,target=native,arg=nfr-runner,arg={Escape(jobFile)},arg={Escape(resultFile)}",
            "-kernel", firmware,
        ];
        Array.ForEach(arguments, start.ArgumentList.Add);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            try
            {
                _process = Process.Start(start) ?? throw new RunnerException($"{qemu} did not start");
                return _process;
            }
            catch (Win32Exception e)
            {
                throw new RunnerException($"{qemu} cannot be started ({e.Message}): install qemu-system-arm, or name it in $NFR_QEMU_ARM", e);
            }
        }
    }

    // In QEMU's option lists a comma is written twice.
    private static string Escape(string path) => path.Replace(",", ",,", StringComparison.Ordinal);
}
