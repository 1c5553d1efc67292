using System;
using System.Diagnostics;
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
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Range: bytes 4096-5095/20000\r\nContent-Length: 1000\r\n\r\n")]
    [InlineData("HTTP/1.1 301 Moved Permanently\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 307 Temporary Redirect\r\nLocation: https://elsewhere.example/\r\nContent-Range: bytes 4096-5095/20000\r\nContent-Length: 1000\r\n\r\n")]
    [InlineData("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer realm=\"https://elsewhere.example/token\"\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */20000\r\n\r\n")]
    [InlineData("HTTP/1.1 500 Internal Server Error\r\n\r\n")]
    [InlineData("HTTP/1.1 206 Partial Content\r\nContent-Length: 1000\r\n\r\n")]
    [InlineData("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 4095-5094/20000\r\nContent-Length: 1000\r\n\r\n")]
    [InlineData("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 4096-5096/20000\r\nContent-Length: 1000\r\n\r\n")]
    [InlineData("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 4096-/20000\r\nContent-Length: 1000\r\n\r\n")]
    [InlineData("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 4096-50950/20000\r\nContent-Length: 1000\r\n\r\n")]
    [InlineData("HTTP/1.1 206 Partial Content\r\nContent-Range: items 4096-5095/20000\r\nContent-Length: 1000\r\n\r\n")]
    [InlineData("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 4096-5095/20000\r\nContent-Range: bytes 4096-5095/20000\r\nContent-Length: 1000\r\n\r\n")]
    [InlineData("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 4096-5095/20000\r\nContent-Length: 999\r\n\r\n")]
    [InlineData("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 4096-5095/20000\r\nContent-Length: 4294968296\r\n\r\n")]
    [InlineData("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 4096-5095/20000\r\nContent-Length: -1000\r\n\r\n")]
    [InlineData("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 4096-5095/20000\r\nContent-Length: 1000x\r\n\r\n")]
    [InlineData("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 4096-5095/20000\r\nContent-Length: 1000\r\nContent-Length: 1000\r\n\r\n")]
    [InlineData("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 4096-5095/20000\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n")]
    [InlineData("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 4096-5095/20000\r\nContent-Encoding: gzip\r\nContent-Length: 1000\r\n\r\n")]
    [InlineData("HTTP/2 206\r\nContent-Range: bytes 4096-5095/20000\r\nContent-Length: 1000\r\n\r\n")]
    [InlineData("ICY 206\r\n\r\n")]
    [InlineData("\r\n\r\n")]
    public void What_is_not_exactly_the_range_is_no_answer_and_is_asked_for_once(string header)
    {
        using var server = new RawServer((stream, _) =>
        {
            RawServer.Write(stream, header, Body);
            return true;
        });
        Assert.True(_source.Begin(server.Url, Offset, Count));
        Assert.Equal(-1, Wait(_buffer, 0, Count));
        Assert.Equal((1, 1), (server.Requests.Count, server.Connections));
        Assert.All(_buffer, b => Assert.Equal(0, b));
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

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(999)]
    public void A_body_that_ends_early_is_no_answer(int bytes)
    {
        using var server = new RawServer((stream, _) =>
        {
            RawServer.Write(stream, Good, Body[..bytes]);
            return false;
        });
        Assert.True(_source.Begin(server.Url, Offset, Count));
        Assert.Equal(-1, Wait(_buffer, 0, Count));
    }

    [Fact]
    public void A_body_without_end_costs_no_more_than_what_was_asked_for()
    {
        using var server = new RawServer((stream, _) =>
        {
            RawServer.Write(stream, Good, Body);
            while (true)
            {
                stream.Write(Body);
            }
        });
        for (int i = 0; i < 5; i++)
        {
            Array.Clear(_buffer);
            Assert.True(_source.Begin(server.Url, Offset, Count));
            int count = Wait(_buffer, 0, Count);
            Assert.Contains(count, new[] { -1, Count }); // by how much came at once
            Assert.True(count < 0 || Body.AsSpan().SequenceEqual(_buffer.AsSpan(0, Count)));
        }
    }

    [Fact]
    public void A_header_without_end_is_given_up()
    {
        using var server = new RawServer((stream, _) =>
        {
            RawServer.Write(stream, "HTTP/1.1 206 Partial Content\r\n", []);
            while (true)
            {
                RawServer.Write(stream, "X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", []);
            }
        });
        Assert.True(_source.Begin(server.Url, Offset, Count));
        Assert.Equal(-1, Wait(_buffer, 0, Count));
    }

    [Fact]
    public void A_header_that_dribbles_is_given_up_after_its_time()
    {
        using var server = new RawServer((stream, _) =>
        {
            while (true)
            {
                stream.WriteByte((byte)'H');
                _clock.Advance(1000);
                Thread.Sleep(1);
            }
        });
        Assert.True(_source.Begin(server.Url, Offset, Count));
        Assert.Equal(-1, Wait(_buffer, 0, Count));
        Assert.InRange(_clock.Milliseconds(), 30_000, 60_000);
    }

    [Fact]
    public void A_connection_that_was_closed_while_idle_is_made_anew()
    {
        int answers = 0;
        using var server = new RawServer((stream, request) => AnswerAsAsked(stream, request) && ++answers % 2 == 1);
        for (int i = 0; i < 4; i++)
        {
            Fetch(server);
            Thread.Sleep(20);
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
            Thread.Sleep(20);
        }

        Assert.Equal(3, server.Connections);
    }

    [Fact]
    public void A_wrong_answer_on_a_kept_connection_is_not_asked_for_again_either()
    {
        int answers = 0;
        using var server = new RawServer((stream, request) =>
        {
            if (++answers == 1)
            {
                return AnswerAsAsked(stream, request);
            }

            RawServer.Write(stream, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", []);
            return true;
        });
        Fetch(server);
        Assert.True(_source.Begin(server.Url, Offset, Count));
        Assert.Equal(-1, Wait(_buffer, 0, Count));
        Assert.Equal((2, 1), (server.Requests.Count, server.Connections));
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
        using var silent = new RawServer((_, _) =>
        {
            Thread.Sleep(500);
            return false;
        });
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < 100; i++)
        {
            Assert.True(_source.Begin(silent.Url, i, Count));
            Assert.Equal(0, _source.Poll(_buffer, 0, Count));
        }

        _source.GiveUp();
        _source.End();
        Assert.True(watch.ElapsedMilliseconds < 400, $"{watch.ElapsedMilliseconds} ms");
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

    [Theory]
    [InlineData("")]
    [InlineData("http://")]
    [InlineData("http://127.0.0.1")]
    [InlineData("ftp://127.0.0.1/x")]
    [InlineData("http:///x")]
    [InlineData("http://registry.example/x")] // plain, and not this machine
    [InlineData("http://127.0.0.1.example/x")]
    [InlineData("http://user:password@127.0.0.1/x")]
    [InlineData("http://127.0.0.1@registry.example/x")]
    [InlineData("http://127.0.0.1/x\r\nHost: other")]
    [InlineData("http://127.0.0.1/x y")]
    [InlineData("http://127.0.0.1/x#y")]
    [InlineData("http://127.0.0.1/\u00e9")]
    [InlineData("http://127.0.0.1:0/x")]
    [InlineData("http://127.0.0.1:65536/x")]
    [InlineData("http://127.0.0.1:99999999999999/x")]
    [InlineData("http://127.0.0.1:8x/x")]
    [InlineData("http://[::1]/x")]
    public void What_must_not_be_asked_is_not(string url)
    {
        Assert.False(_source.Begin(url, 0, Count));
        Assert.Equal(-1, _source.Poll(_buffer, 0, Count));
    }

    [Theory]
    [InlineData(-1, 10)]
    [InlineData(0, 0)]
    [InlineData(0, -5)]
    [InlineData(0, 32_769)]
    [InlineData(int.MaxValue - 5, 10)]
    public void A_range_must_be_one_and_fit_into_a_block(int offset, int count)
    {
        Assert.False(_source.Begin("https://registry.example/x", offset, count));
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

    /// <summary>Nothing that an answer can be makes the reader leave its buffer, and one that is changed in its middle is never taken for the right one.</summary>
    [Fact]
    public void A_broken_header_is_read_or_refused_and_nothing_else()
    {
        byte[] good = System.Text.Encoding.ASCII.GetBytes(Good);
        var answer = new HttpAnswer();
        Assert.True(answer.Read(good, good.Length, Offset, Count) && answer.StaysOpen);
        Random random = new(5);
        int refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] broken = (byte[])good.Clone();
            for (int j = random.Next(1, 4); j > 0; j--)
            {
                broken[random.Next(broken.Length)] = (byte)random.Next(256);
            }

            int body = HttpAnswer.FindBody(broken, broken.Length);
            bool isTaken = body > 0 && answer.Read(broken, body, Offset, Count);
            refused += isTaken ? 0 : 1;
            Assert.True(!isTaken || Ranges().IsMatch(System.Text.Encoding.Latin1.GetString(broken)));
        }

        Assert.InRange(refused, 10_000, 20_000);
    }

    [GeneratedRegex("^HTTP/1\\.[01] 206.*content-range:[ \t]*bytes 4096-5095/", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Ranges();

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
