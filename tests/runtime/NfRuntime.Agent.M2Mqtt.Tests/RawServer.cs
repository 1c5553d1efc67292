using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace NfRuntime.Agent.M2Mqtt.Tests;

/// <summary>A registry on loopback that answers with whatever bytes a test wants, one connection at a time.</summary>
internal sealed class RawServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _loop;
    private int _closed;

    /// <param name="answer">Given the stream and the request's text, writes an answer; false: the connection is closed after it.</param>
    public RawServer(Func<NetworkStream, string, bool> answer)
    {
        _listener.Start();
        _loop = Task.Run(() => Serve(answer));
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v2/capsules/blobs/sha256:00";

    public List<string> Requests { get; } = [];

    public int Connections { get; private set; }

    /// <summary>Until so many connections were closed on this side.</summary>
    public void WaitForClosed(int count) => Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref _closed) >= count, 10_000), "the connection stays open");

    /// <summary>Writes text as it stands, then bytes.</summary>
    public static void Write(NetworkStream stream, string header, byte[] body)
    {
        stream.Write(Encoding.ASCII.GetBytes(header));
        stream.Write(body);
    }

    public void Dispose()
    {
        _end.Cancel();
        _listener.Stop();
        _loop.Wait(2000);
        _end.Dispose();
    }

    private void Serve(Func<NetworkStream, string, bool> answer)
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                using TcpClient client = _listener.AcceptTcpClient();
                Connections++;
                using CancellationTokenRegistration ended = _end.Token.Register(client.Close);
                NetworkStream stream = client.GetStream();
                while (Read(stream) is { Length: > 0 } request && answer(stream, request))
                {
                }
            }
            catch (Exception e) when (e is SocketException or System.IO.IOException or ObjectDisposedException or InvalidOperationException)
            {
                // The other side has gone, or the test is over.
            }
            finally
            {
                Interlocked.Increment(ref _closed);
            }
        }
    }

    private string Read(NetworkStream stream)
    {
        StringBuilder text = new();
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            int b = stream.ReadByte();
            if (b < 0)
            {
                return string.Empty;
            }

            text.Append((char)b);
        }

        lock (Requests)
        {
            Requests.Add(text.ToString());
        }

        return text.ToString();
    }
}
