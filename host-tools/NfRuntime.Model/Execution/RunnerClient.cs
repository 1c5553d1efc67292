using System;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace NfRuntime.Model.Execution;

/// <summary>
/// The host's runner as a process that answers one job after another; started with the first job, and again after it died.
/// One job at a time.
/// </summary>
/// <param name="path">Path of nfr-runner.</param>
/// <param name="timeout">Longest time for one job; 10 minutes when null.</param>
public sealed class RunnerClient(string path, TimeSpan? timeout = null) : IPlanRunner, IDisposable
{
    private const int MaxErrorText = 4096;

    private readonly TimeSpan _timeout = timeout ?? TimeSpan.FromMinutes(10);
    private readonly StringBuilder _errors = new();
    private Process? _process;

    /// <summary>A client of the runner that <see cref="RunnerLocator"/> finds.</summary>
    /// <exception cref="RunnerException">There is none; the message says how to get one.</exception>
    public static RunnerClient Start() => new(RunnerLocator.Find() ?? throw new RunnerException(
        $"nfr-runner was not found: build it (cmake -S firmware -B artifacts/firmware/host && cmake --build artifacts/firmware/host) or name it in {RunnerLocator.Variable}"));

    /// <inheritdoc/>
    public RunResult Run(RunJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        Process process = _process ??= StartProcess();
        bool late = false;
        using var timer = new Timer(
            _ =>
            {
                late = true;
                Kill(process);
            },
            null,
            _timeout,
            Timeout.InfiniteTimeSpan);
        try
        {
            // The runner may answer while the job is still being written, so both sides of the pipe are served at once.
            Task writing = Task.Run(() => Send(process, job));
            RunResult result = RunnerProtocol.ReadResult(process.StandardOutput.BaseStream, job);
            writing.GetAwaiter().GetResult();
            return result;
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            string what = late ? $"did not answer in {_timeout.TotalSeconds:F0} s" : Describe(process, e);
            Stop();
            throw new RunnerException($"{Path.GetFileName(path)} {what}", e);
        }
    }

    /// <summary>Ends the process.</summary>
    public void Dispose() => Stop();

    // Not disposed of: that would close the process's input, which the next job needs.
    private static void Send(Process process, RunJob job)
    {
        var buffered = new BufferedStream(process.StandardInput.BaseStream, 1 << 16);
        RunnerProtocol.WriteJob(buffered, job);
        buffered.Flush();
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    private void Stop()
    {
        // Dispose may come from another thread, to end a running job: one of the two ends the process.
        if (Interlocked.Exchange(ref _process, null) is { } process)
        {
            Kill(process);
            process.WaitForExit();
            process.Dispose();
        }
    }

    private string Describe(Process process, Exception problem)
    {
        string cause = problem.Message;
        if (problem is EndOfStreamException && process.WaitForExit(TimeSpan.FromSeconds(5)))
        {
            process.WaitForExit(); // without a limit it also waits for the rest of the error output
            cause = $"ended with code {process.ExitCode}";
        }

        lock (_errors)
        {
            return _errors.Length == 0 ? $"gave no result: {cause}" : $"gave no result: {cause}; it wrote: {_errors}";
        }
    }

    private void Remember(string? line)
    {
        lock (_errors)
        {
            if (line is not null && _errors.Length < MaxErrorText)
            {
                _errors.AppendLine(line);
            }
        }
    }

    private Process StartProcess()
    {
        var start = new ProcessStartInfo(path)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        try
        {
            Process process = Process.Start(start) ?? throw new RunnerException($"{path} did not start");
            process.ErrorDataReceived += (_, line) => Remember(line.Data);
            process.BeginErrorReadLine();
            return process;
        }
        catch (Win32Exception e)
        {
            throw new RunnerException($"{path} cannot be started: {e.Message}", e);
        }
    }
}
