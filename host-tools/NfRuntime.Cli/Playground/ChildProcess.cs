using System;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;

namespace NfRuntime.Cli.Playground;

/// <summary>
/// A process that outlives the tool, known by its id and the moment when it began: an id alone may be somebody else's by now.
/// </summary>
/// <param name="Name">For people, and of its log.</param>
/// <param name="Id">Process id.</param>
/// <param name="Began">Clock ticks since boot (proc(5), field 22).</param>
/// <param name="Boot">The kernel's id of this boot: ticks begin anew with each.</param>
internal sealed record ChildProcess(string Name, int Id, long Began, string Boot)
{
    private const int Terminate = 15, Kill = 9;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Whether it runs; false for another process with its id, and for one that ended and was not waited for.</summary>
    public bool IsAlive => BootId() == Boot && BeganAt(Id) == Began;

    /// <summary>Starts a program in a session of its own, so that Ctrl-C of this terminal does not reach it; all that it prints is added to the log.</summary>
    /// <exception cref="ToolException">It cannot be started.</exception>
    /// <param name="name">For people.</param>
    /// <param name="log">A file.</param>
    /// <param name="home">$NFR_HOME of the process.</param>
    /// <param name="program">Path.</param>
    /// <param name="arguments">As they are; no shell reads them.</param>
    public static ChildProcess Start(string name, string log, string home, string program, params ReadOnlySpan<string> arguments)
    {
        // A shell opens the log and becomes the program: .NET can only redirect to pipes, which would end with this process.
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false };
        foreach (string word in (string[])["-c", "log=$1; shift; exec setsid \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", log, program, .. arguments])
        {
            start.ArgumentList.Add(word);
        }

        start.Environment[ToolHome.HomeVariable] = home;
        try
        {
            using Process process = Process.Start(start)!;
            return BeganAt(process.Id) is { } began
                ? new ChildProcess(name, process.Id, began, BootId())
                : throw new ToolException(ErrorCodes.PlaygroundFailed, $"{name} ended at once.", $"Its log says why: {log}");
        }
        catch (Win32Exception e)
        {
            throw new ToolException(ErrorCodes.ToolMissing, $"{name} cannot be started: {e.Message}.", "The playground needs Linux with /bin/sh and setsid.", e);
        }
    }

    /// <summary>Another process that runs, started by somebody else.</summary>
    public static ChildProcess Of(string name, int id) => new(name, id, BeganAt(id) ?? 0, BootId());

    /// <summary>Asks it to end, and after ten seconds ends it.</summary>
    /// <returns>False: it had ended already.</returns>
    public async Task<bool> StopAsync(CancellationToken cancellation)
    {
        if (!IsAlive)
        {
            return false;
        }

        _ = SendSignal(Id, Terminate);
        for (var waited = Stopwatch.StartNew(); IsAlive && waited.Elapsed < Patience;)
        {
            await Task.Delay(20, cancellation).ConfigureAwait(false);
        }

        if (IsAlive)
        {
            _ = SendSignal(Id, Kill);
            await Task.Delay(20, cancellation).ConfigureAwait(false);
        }

        return true;
    }

    private static string BootId()
    {
        const string File = "/proc/sys/kernel/random/boot_id";
        return System.IO.File.Exists(File) ? System.IO.File.ReadAllText(File).Trim() : string.Empty;
    }

    // Null: no such process, or one that has ended.
    private static long? BeganAt(int id)
    {
        const int State = 1, Start = 20; // behind the name, which may hold anything, in brackets
        try
        {
            string status = File.ReadAllText($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/stat");
            string[] fields = status[(status.LastIndexOf(')') + 1)..].Split(' ');
            return fields.Length > Start && fields[State] is not ("Z" or "X") && long.TryParse(fields[Start], CultureInfo.InvariantCulture, out long ticks) ? ticks : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
