using System;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using Xunit;

namespace NfRuntime.Fleet.Tests.Mosquitto;

/// <summary>A mosquitto without TLS or accounts on loopback, for tests of the binding only.</summary>
internal sealed class PlainBroker : IDisposable
{
    private const string Program = "/usr/sbin/mosquitto";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nfr-mosquitto-");
    private Process? _process;

    /// <param name="more">Further lines of its configuration.</param>
    public PlainBroker(params string[] more)
    {
        Assert.SkipUnless(File.Exists(Program), "mosquitto is not installed: the broker was not tested");
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        File.WriteAllText(Path.Combine(_folder.FullName, "mosquitto.conf"), $"listener {Port} 127.0.0.1\nallow_anonymous true\nlog_dest none\n{string.Join('\n', more)}\n");
        Start();
    }

    public int Port { get; }

    public void Start()
    {
        _process = Process.Start(new ProcessStartInfo(Program, ["-c", Path.Combine(_folder.FullName, "mosquitto.conf")]))!;
        for (var waited = Stopwatch.StartNew(); ; Thread.Sleep(10))
        {
            try
            {
                using var connection = new TcpClient("127.0.0.1", Port);
                return;
            }
            catch (SocketException) when (waited.Elapsed < TimeSpan.FromSeconds(10))
            {
                Assert.False(_process.HasExited, "mosquitto ended");
            }
        }
    }

    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    public void Dispose()
    {
        Kill();
        _folder.Delete(recursive: true);
    }
}
