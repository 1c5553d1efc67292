using System;
using System.Text.RegularExpressions;
using System.Threading;
using Xunit;

namespace NfRuntime.Agent.M2Mqtt.Tests;

/// <content>What is refused.</content>
public sealed partial class HttpRangeSourceTests
{
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
}
