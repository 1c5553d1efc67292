using System;
using System.Linq;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using System.Threading;
using Xunit;

namespace NfRuntime.Agent.M2Mqtt.Tests;

public sealed partial class HttpRangeSourceTests : IDisposable
{
    private const int Offset = 4096;
    private const int Count = 1000;
    private static readonly byte[] Blob = [.. Enumerable.Range(0, 20_000).Select(i => (byte)(i * 7 / 3))];

    private readonly FakeClock _clock = new();
    private readonly HttpRangeOptions _options = new();
    private readonly byte[] _buffer = new byte[Count + 10];
    private readonly HttpRangeSource _source;

    public HttpRangeSourceTests()
    {
        _source = new HttpRangeSource(_options, new SocketChannel(null!), _clock);
    }

    private static string Good => $"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {Offset}-{Offset + Count - 1}/20000\r\nContent-Length: {Count}\r\n\r\n";

    private static byte[] Body => Blob[Offset..(Offset + Count)];

    public void Dispose() => _source.End();

    [Fact]
    public void A_range_comes_whole_and_the_connection_serves_for_the_next()
    {
        using var server = new RawServer(AnswerAsAsked);
        for (int block = 0; block < 4; block++)
        {
            Assert.True(_source.Begin(server.Url, block * 4096, 4096));
            byte[] taken = new byte[4096];
            int filled = 0;
            while (filled < taken.Length)
            {
                int count = Wait(taken, filled, Math.Min(1500, taken.Length - filled));
                Assert.InRange(count, 1, 1500);
                filled += count;
            }

            Assert.Equal(Blob[(block * 4096)..((block + 1) * 4096)], taken);
            Assert.Equal(-1, _source.Poll(taken, 0, 1));
        }

        Assert.Equal((4, 1), (server.Requests.Count, server.Connections));
        string host = server.Url.Split('/')[2];
        Assert.Equal($"GET /v2/capsules/blobs/sha256:00 HTTP/1.1\r\nHost: {host}\r\nRange: bytes=0-4095\r\nAccept-Encoding: identity\r\nUser-Agent: nf-runtime\r\n\r\n", server.Requests[0]);
    }

    [Theory]
    [InlineData("HTTP/1.1 206 Partial Content\r\ncontent-range:bytes 4096-5095/*\r\nCONTENT-LENGTH:  1000\r\nX-Other: Content-Length: 3\r\n\r\n")]
    [InlineData("HTTP/1.1 206\r\nContent-Range: bytes 4096-5095/20000\r\nContent-Encoding: identity\r\n\r\n")]
    [InlineData("HTTP/1.0 206 Partial Content\r\nContent-Range: bytes 4096-5095/20000\r\nContent-Length: 1000\r\n\r\n")]
    [InlineData("HTTP/1.1 206 Partial Content\r\nConnection: Close\r\nContent-Range: bytes 4096-5095/20000\r\nContent-Length: 1000\r\n\r\n")]
    public void Other_ways_to_say_the_same_are_understood(string header)
    {
        using var server = new RawServer((stream, _) =>
        {
            RawServer.Write(stream, header, Body);
            return false;
        });
        Fetch(server);
        Fetch(server);
        Assert.Equal((2, 2), (server.Requests.Count, server.Connections));
    }

    [Fact]
    public void An_answer_may_come_byte_by_byte()
    {
        using var server = new RawServer((stream, _) =>
        {
            foreach (char c in Good)
            {
                stream.WriteByte((byte)c);
            }

            for (int i = 0; i < Count; i += 100)
            {
                stream.Write(Body, i, 100);
            }

            return true;
        });
        Fetch(server);
    }

    [Fact]
    public void A_connection_that_was_closed_while_idle_is_made_anew()
    {
        int answers = 0;
        using var server = new RawServer((stream, request) => AnswerAsAsked(stream, request) && ++answers % 2 == 1);
        for (int i = 0; i < 4; i++)
        {
            Fetch(server);
            server.WaitForClosed((i + 1) / 2);
        }

        Assert.Equal(2, server.Connections);
    }

    [Fact]
    public void A_kept_connection_that_is_gone_is_no_failure()
    {
        using var server = new RawServer((stream, request) =>
        {
            AnswerAsAsked(stream, request);
            return false; // although the answer promised otherwise
        });
        for (int i = 0; i < 3; i++)
        {
            Fetch(server);
            server.WaitForClosed(i + 1);
        }

        Assert.Equal(3, server.Connections);
    }

    [Fact]
    public void What_is_given_up_is_nobodys_and_the_next_request_is_served()
    {
        using var release = new ManualResetEventSlim();
        bool isFirst = true;
        using var server = new RawServer((stream, request) =>
        {
            if (isFirst)
            {
                isFirst = false;
                release.Wait(5000);
            }

            return AnswerAsAsked(stream, request);
        });
        Assert.True(_source.Begin(server.Url, 0, Count));
        Assert.Equal(0, _source.Poll(_buffer, 0, Count));
        _source.GiveUp();
        Assert.Equal(-1, _source.Poll(_buffer, 0, Count));
        Assert.True(_source.Begin(server.Url, Offset, Count));
        release.Set();
        Assert.Equal(Count, Wait(_buffer, 0, Count));
        Assert.Equal(Body, _buffer[..Count]);
    }

    [Fact]
    public void Nothing_blocks_while_nobody_answers()
    {
        using ManualResetEventSlim mayAnswer = new();
        int answers = 0;
        using var silent = new RawServer((_, _) =>
        {
            mayAnswer.Wait(20_000); // who waits for it waits so long
            Interlocked.Increment(ref answers);
            return false;
        });
        for (int i = 0; i < 100; i++)
        {
            Assert.True(_source.Begin(silent.Url, i, Count));
            Assert.Equal(0, _source.Poll(_buffer, 0, Count));
        }

        _source.GiveUp();
        _source.End();
        Assert.Equal(0, Volatile.Read(ref answers));
        mayAnswer.Set();
        Assert.False(_source.Begin(silent.Url, 0, Count));
    }

    [Fact]
    public void Nobody_listens()
    {
        string url;
        using (var server = new RawServer(AnswerAsAsked))
        {
            url = server.Url;
        }

        Assert.True(_source.Begin(url, 0, Count));
        Assert.Equal(-1, Wait(_buffer, 0, Count));
        Assert.True(_source.Begin("http://127.0.0.1:1/x", 0, Count));
        Assert.Equal(-1, Wait(_buffer, 0, Count));
    }

    [Fact]
    public void Plain_http_to_another_machine_is_the_owners_to_allow()
    {
        var address = new HttpAddress();
        Assert.False(address.Read("http://registry.example:5000/v2/x", false));
        Assert.True(address.Read("http://registry.example:5000/v2/x", true));
        Assert.Equal(("registry.example", 5000, "/v2/x", false), (address.Host, address.Port, address.Path, address.UsesTls));
        Assert.True(address.Read("https://registry.example/v2/x?y=1", false));
        Assert.Equal(("registry.example", 443, "/v2/x?y=1", true), (address.Host, address.Port, address.Path, address.UsesTls));
    }

    [Fact]
    public void TLS_is_not_begun_without_a_time()
    {
        using var server = new RawServer(AnswerAsAsked);
        _clock.Unix = 0;
        Assert.True(_source.Begin(server.Url.Replace("http://", "https://", StringComparison.Ordinal), 0, Count));
        Assert.Equal(-1, Wait(_buffer, 0, Count));
        Assert.Equal(0, server.Connections);
        _options.TimeFloor = TlsClock.Plausible;
        Assert.True(_source.Begin(server.Url.Replace("http://", "https://", StringComparison.Ordinal), 0, Count));
        Assert.Equal(-1, Wait(_buffer, 0, Count)); // no TLS here
        Assert.True(SpinWait.SpinUntil(() => server.Connections == 1, 5000));
        Assert.Equal(TlsClock.Plausible, _clock.Unix);
    }

    [GeneratedRegex("bytes=(\\d+)-(\\d+)")]
    private static partial Regex Wanted();

    private static bool AnswerAsAsked(NetworkStream stream, string request)
    {
        Match range = Wanted().Match(request);
        int first = int.Parse(range.Groups[1].Value), last = int.Parse(range.Groups[2].Value);
        RawServer.Write(stream, $"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {first}-{last}/20000\r\nContent-Length: {last - first + 1}\r\n\r\n", Blob[first..(last + 1)]);
        return true;
    }

    private void Fetch(RawServer server)
    {
        Array.Clear(_buffer);
        Assert.True(_source.Begin(server.Url, Offset, Count));
        Assert.Equal(Count, Wait(_buffer, 0, Count));
        Assert.Equal(Body, _buffer[..Count]);
    }

    private int Wait(byte[] buffer, int at, int count)
    {
        int taken = 0;
        bool isOver = SpinWait.SpinUntil(
            () =>
            {
                Thread.Sleep(1);
                taken = _source.Poll(buffer, at, count);
                return taken != 0;
            },
            10_000);
        Assert.True(isOver, "nothing came");
        return taken;
    }
}
