using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace NfRuntime.Images.Tests.Registry;

/// <summary>Passes connections on to a port of this machine and cuts some of them.</summary>
/// <remarks>A piece of what the client sends is taken for the head of a request when it begins like one, which holds for a client that waits for each answer.</remarks>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<string, int?> _cutAfter;
    private readonly int _port;
    private readonly Task _running;
    private int _cuts;

    /// <param name="port">Where to.</param>
    /// <param name="cutAfter">For a request: bytes of the answer's body that are let through (0: not even its head); null: all.</param>
    public CuttingProxy(int port, Func<string, int?> cutAfter)
    {
        (_port, _cutAfter) = (port, cutAfter);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _running = AcceptAsync();
    }

    public int Port { get; }

    public int Cuts => Volatile.Read(ref _cuts);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _running;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(PassAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException) // the last: stopped between two connections
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using TcpClient server = new();
        using (client)
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _port, _end.Token);
                var left = new StrongBox();
                await Task.WhenAny(UpAsync(client.GetStream(), server.GetStream(), left), DownAsync(server.GetStream(), client.GetStream(), left));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // one of the two went away, or the test is over
            }
        }
    }

    private async Task UpAsync(NetworkStream from, NetworkStream to, StrongBox left)
    {
        var buffer = new byte[1 << 16];
        for (int read; (read = await from.ReadAsync(buffer, _end.Token)) > 0;)
        {
            string text = Encoding.Latin1.GetString(buffer, 0, read);
            if (text.Split('\n')[0].Contains("HTTP/1.1", StringComparison.Ordinal))
            {
                left.Value = _cutAfter(text);
            }

            await to.WriteAsync(buffer.AsMemory(0, read), _end.Token);
        }
    }

    private async Task DownAsync(NetworkStream from, NetworkStream to, StrongBox left)
    {
        var buffer = new byte[1 << 16];
        for (int read; (read = await from.ReadAsync(buffer, _end.Token)) > 0;)
        {
            if (left.Value is { } bytes)
            {
                int head = Encoding.Latin1.GetString(buffer, 0, read).IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
                await to.WriteAsync(buffer.AsMemory(0, bytes == 0 ? 0 : Math.Min(read, head + bytes)), _end.Token);
                Interlocked.Increment(ref _cuts);
                return;
            }

            await to.WriteAsync(buffer.AsMemory(0, read), _end.Token);
        }
    }

    private sealed class StrongBox
    {
        public int? Value { get; set; }
    }
}
