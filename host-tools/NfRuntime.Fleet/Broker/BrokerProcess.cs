using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace NfRuntime.Fleet.Broker;

/// <summary>A mosquitto that runs on a <see cref="BrokerFolder"/>: started here, or found there by its id.</summary>
public sealed class BrokerProcess : IDisposable
{
    private const int HangUp = 1, Terminate = 15;
    private const int StartAttempts = 3;
    private static readonly TimeSpan SignalAgain = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly Process _process;
    private readonly SemaphoreSlim _reloading = new(1);

    private BrokerProcess(BrokerFolder folder, Process process, int port, int? passwordPort) =>
        (Folder, _process, Port, PasswordPort) = (folder, process, port, passwordPort);

    public BrokerFolder Folder { get; }

    /// <summary>Where it listens, with TLS.</summary>
    public int Port { get; }

    /// <summary>Where it listens for clients with a password, with TLS; null when it does not.</summary>
    public int? PasswordPort { get; }

    public int ProcessId => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Writes the configuration, starts mosquitto and waits until it accepts connections. The process outlives this one unless it is stopped.</summary>
    /// <exception cref="BrokerException">mosquitto is not installed, ended at once (with the end of its log), or one runs on this folder already.</exception>
    public static async Task<BrokerProcess> StartAsync(BrokerFolder folder, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string program = Find();
        using (BrokerProcess? running = TryAttach(folder))
        {
            if (running is not null)
            {
                throw new BrokerException($"A broker runs on {folder.FullPath} already (process {running.ProcessId}).");
            }
        }

        for (int attempt = 1; ; attempt++)
        {
            int port = Chosen(folder.Settings, folder.Settings.Port);
            int? passwordPort = folder.Settings.PasswordPort is { } wanted ? Chosen(folder.Settings, wanted) : null;
            folder.WriteConfiguration(port, passwordPort);
            long logged = File.Exists(folder.LogFile) ? new FileInfo(folder.LogFile).Length : 0;
            BrokerProcess broker = Launch(folder, program, port, passwordPort);
            if (await broker.RunsAsync(logged, cancellation).ConfigureAwait(false))
            {
                PrivateFiles.Write(folder.ProcessFile, Encoding.ASCII.GetBytes(Mark(broker.ProcessId, port, passwordPort)));
                return broker;
            }

            string said = (broker._process.StandardError.ReadToEnd() + Tail(folder.LogFile, logged)).Trim();
            broker.Dispose();
            bool another = folder.Settings.Port == 0 || folder.Settings.PasswordPort == 0; // a port that was free may be taken a moment later
            if (!another || attempt == StartAttempts)
            {
                throw new BrokerException($"mosquitto ended at once: {said}");
            }
        }
    }

    /// <summary>The broker that runs on this folder, started by whichever process; null when there is none.</summary>
    public static BrokerProcess? TryAttach(BrokerFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (!File.Exists(folder.ProcessFile))
        {
            return null;
        }

        string mark = File.ReadAllText(folder.ProcessFile);
        string[] parts = mark.Split(' ');
        if (parts.Length != 4 || !int.TryParse(parts[0], CultureInfo.InvariantCulture, out int id) || !int.TryParse(parts[1], CultureInfo.InvariantCulture, out int port) || !int.TryParse(parts[2], CultureInfo.InvariantCulture, out int password)
            || mark != Mark(id, port, password == 0 ? null : password))
        {
            return null; // ended, and its id may be somebody else's by now
        }

        try
        {
            return new BrokerProcess(folder, Process.GetProcessById(id), port, password == 0 ? null : password);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Makes mosquitto read ACL and revocation list again, and ends when it has: whatever arrives afterwards is judged by the new ones.</summary>
    /// <remarks>For clients with certificates that are away at that moment mosquitto 2.0.11 queues nothing more until they connect again: build on retained messages, not on queued ones.</remarks>
    /// <exception cref="BrokerException">It does not run, did not answer within ten seconds, or could not read a file.</exception>
    public async Task ReloadAsync(CancellationToken cancellation = default)
    {
        await _reloading.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            long logged = new FileInfo(Folder.LogFile).Length;
            var next = TimeSpan.Zero;
            for (var waited = Stopwatch.StartNew(); ; await Task.Delay(5, cancellation).ConfigureAwait(false))
            {
                // mosquitto forgets a signal that comes while it reloads for somebody else.
                if (waited.Elapsed >= next && !_process.HasExited)
                {
                    Signal(HangUp);
                    next = waited.Elapsed + SignalAgain;
                }

                string news = Tail(Folder.LogFile, logged);
                if (news.Contains("Error: Unable to load", StringComparison.Ordinal) || news.Contains("Error opening acl file", StringComparison.Ordinal))
                {
                    throw new BrokerException($"mosquitto could not reload: {news.Trim()}");
                }

                // It logs this and then reloads, before it handles another packet.
                if (news.Contains("Reloading config.\n", StringComparison.Ordinal))
                {
                    return;
                }

                if (_process.HasExited || waited.Elapsed > Patience)
                {
                    throw new BrokerException(_process.HasExited ? "mosquitto has ended." : "mosquitto did not reload within ten seconds.");
                }
            }
        }
        finally
        {
            _reloading.Release();
        }
    }

    /// <summary>
    /// Ends an identity's connection and its session. mosquitto 2.0 has no call for that, but a client id is a user name here: whoever connects
    /// under it ends the connection that was open. So this connects for a moment with a certificate that is good for minutes.
    /// </summary>
    /// <exception cref="BrokerException">The broker did not let it in.</exception>
    public Task DisconnectAsync(BrokerIdentity identity, CancellationToken cancellation = default) => Task.Run(() => Takeover.Run(this, identity, Patience), cancellation);

    /// <summary>Ends it by its id: it saves its database first; after ten seconds it is killed. Does nothing when it has ended.</summary>
    public async Task StopAsync(CancellationToken cancellation = default)
    {
        if (!_process.HasExited)
        {
            Signal(Terminate);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(Patience);
            try
            {
                await _process.WaitForExitAsync(patience.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                Kill();
            }
        }

        File.Delete(Folder.ProcessFile);
    }

    /// <summary>Ends it without warning, as a power cut would: what was not saved is lost.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Lets the handle go; the broker goes on.</summary>
    public void Dispose()
    {
        _process.Dispose();
        _reloading.Dispose();
    }

    private static string Find()
    {
        foreach (string folder in new[] { "/usr/sbin", "/usr/local/sbin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/sbin" })
        {
            string program = Path.Combine(folder, "mosquitto");
            if (File.Exists(program))
            {
                return program;
            }
        }

        throw new BrokerException("mosquitto is not installed (Debian: apt-get install mosquitto).");
    }

    // With pipes of its own: it must not keep this process's output open when it outlives it. It writes to its log file.
    private static BrokerProcess Launch(BrokerFolder folder, string program, int port, int? passwordPort) =>
        new(folder, Process.Start(new ProcessStartInfo(program, ["-c", folder.ConfigurationFile]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!, port, passwordPort);

    private static int Chosen(BrokerSettings settings, int port)
    {
        if (port != 0)
        {
            return port;
        }

        using var probe = new TcpListener(IPAddress.Parse(settings.Address), 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    // Process id, ports and the moment when the process began (proc(5), field 22): the id alone may be used again.
    private static string Mark(int id, int port, int? passwordPort)
    {
        string path = $"/proc/{id}/stat";
        string status = File.Exists(path) ? File.ReadAllText(path) : "";
        string[] fields = status[(status.LastIndexOf(')') + 1)..].Split(' ');
        const int state = 1, start = 20;
        return fields.Length > start && fields[state] != "Z" ? $"{id} {port} {passwordPort ?? 0} {fields[start]}" : "";
    }

    private static string Tail(string path, long from)
    {
        if (!File.Exists(path))
        {
            return "";
        }

        using var log = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        log.Seek(Math.Min(from, log.Length), SeekOrigin.Begin);
        using var reader = new StreamReader(log);
        return reader.ReadToEnd();
    }

    [DllImport("libc", SetLastError = true, EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);

    private void Signal(int signal)
    {
        if (_process.HasExited || SendSignal(_process.Id, signal) != 0)
        {
            throw new BrokerException("mosquitto does not run.");
        }
    }

    // Not by connecting: somebody else may listen on that port, and mosquitto end a moment later.
    private async Task<bool> RunsAsync(long logged, CancellationToken cancellation)
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < Patience && !_process.HasExited; await Task.Delay(5, cancellation).ConfigureAwait(false))
        {
            if (Tail(Folder.LogFile, logged).Contains(" running\n", StringComparison.Ordinal))
            {
                return true;
            }
        }

        if (!_process.HasExited)
        {
            Kill();
        }

        return false;
    }
}
