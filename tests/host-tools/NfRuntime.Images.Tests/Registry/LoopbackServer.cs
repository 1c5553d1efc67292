using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace NfRuntime.Images.Tests.Registry;

/// <summary>A request as it arrived.</summary>
internal sealed record SeenRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string? Header(string name) => Headers.GetValueOrDefault(name);

    public override string ToString() => $"{Method} {Path}";
}

/// <summary>What a server answers; it need not make sense.</summary>
internal sealed record Reply(int Status, byte[] Body, params (string Name, string Value)[] Headers)
{
    /// <summary>Bytes of the body after which the connection is cut; null: all are sent.</summary>
    public int? CutAfter { get; init; }

    /// <summary>The Content-Length; null: the body's, -1: none.</summary>
    public long? Length { get; init; }

    /// <summary>After the body zeros follow, until the client closes.</summary>
    public bool Endless { get; init; }

    public static Reply Empty(int status, params (string Name, string Value)[] headers) => new(status, [], headers);

    /// <summary>The connection is cut without an answer.</summary>
    public static Reply Cut { get; } = new(0, []);
}

/// <summary>An HTTP/1.1 server of raw bytes on 127.0.0.1, so that every way to answer wrongly is open to it.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private const int MaxEndless = 64 << 20;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<SeenRequest, Reply> _answer;
    private readonly Task _running;
    private readonly TaskCompletionSource<bool> _endedByClient = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _disposed;

    public LoopbackServer(Func<SeenRequest, Reply> answer)
    {
        _answer = answer;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _running = AcceptAsync();
    }

    public int Port { get; }

    public string Host => $"127.0.0.1:{Port}";

    /// <summary>In the order of their arrival.</summary>
    public ConcurrentQueue<SeenRequest> Requests { get; } = new();

    /// <summary>Whether the client ended the first endless body; false when all that was meant to be endless was taken.</summary>
    public Task<bool> EndedByClient => _endedByClient.Task;

    public IEnumerable<SeenRequest> Of(string method, string inPath) => Requests.Where(r => r.Method == method && r.Path.Contains(inPath, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
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
                connections.Add(ServeAsync(await _listener.AcceptSocketAsync(_end.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException) // the last: stopped between two connections
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            socket.NoDelay = true;
            try
            {
                await using var stream = new NetworkStream(socket);
                while (await ReadAsync(stream) is { } request)
                {
                    Requests.Enqueue(request);
                    if (!await WriteAsync(stream, request, _answer(request)))
                    {
                        return;
                    }
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
            {
                // the client went away, or the test is over
            }
        }
    }

    private async Task<SeenRequest?> ReadAsync(NetworkStream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (head.Count < 4 || !head[^4..].SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            if (await stream.ReadAsync(one, _end.Token) == 0)
            {
                return null;
            }

            head.Add(one[0]);
        }

        string[] lines = Encoding.ASCII.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(l => l.Split(": ", 2)).ToDictionary(l => l[0], l => l[1], StringComparer.OrdinalIgnoreCase);
        var body = new byte[headers.TryGetValue("Content-Length", out string? length) ? int.Parse(length, null) : 0];
        await stream.ReadExactlyAsync(body, _end.Token);
        string[] first = lines[0].Split(' ');
        return new SeenRequest(first[0], first[1], headers, body);
    }

    /// <returns>Whether the connection goes on.</returns>
    private async Task<bool> WriteAsync(NetworkStream stream, SeenRequest request, Reply reply)
    {
        if (reply == Reply.Cut)
        {
            return false;
        }

        var head = new StringBuilder($"HTTP/1.1 {reply.Status} Status\r\n");
        foreach ((string name, string value) in reply.Headers)
        {
            head.Append(null, $"{name}: {value}\r\n");
        }

        long length = reply.Length ?? reply.Body.Length;
        head.Append(length >= 0 ? $"Content-Length: {length}\r\n\r\n" : "Connection: close\r\n\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.ToString()), _end.Token);
        if (request.Method != "HEAD")
        {
            await stream.WriteAsync(reply.Body.AsMemory(0, reply.CutAfter ?? reply.Body.Length), _end.Token);
            if (reply.Endless)
            {
                await WriteEndlesslyAsync(stream);
            }
        }

        return reply.CutAfter is null && !reply.Endless && length >= 0;
    }

    private async Task WriteEndlesslyAsync(NetworkStream stream)
    {
        try
        {
            for (int sent = 0; sent < MaxEndless; sent += 1 << 16)
            {
                await stream.WriteAsync(new byte[1 << 16], _end.Token);
            }

            _endedByClient.TrySetResult(false);
        }
        catch (IOException)
        {
            _endedByClient.TrySetResult(true);
        }
    }
}
