using System;
using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Threading.Tasks;
using NfRuntime.VirtualDevice.Transport;
using Xunit;

namespace NfRuntime.VirtualDevice.Tests;

public sealed class TransportTests : IDisposable
{
    private const int Frames = 2000;
    private readonly HttpListener _listener = new();
    private readonly HttpClient _http = new();
    private readonly byte[] _blob = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * 7))];
    private Func<HttpListenerContext, byte[]> _answer = _ => [];

    [Fact]
    public void Faults_have_their_rates_change_one_bit_and_repeat()
    {
        (long dropped, long corrupted, string changes) Run(int seed)
        {
            var faults = new BlockFaults(0.3, 0.2, seed);
            string changes = string.Empty;
            for (int i = 0; i < Frames; i++)
            {
                byte[] frame = new byte[64];
                int bits = faults.Pass(frame) ? frame.Sum(b => int.PopCount(b)) : -1;
                Assert.InRange(bits, -1, 1);
                changes += bits + 1;
            }

            return (faults.Dropped, faults.Corrupted, changes);
        }

        (long dropped, long corrupted, string changes) = Run(5);
        Assert.InRange(dropped, Frames * 27 / 100, Frames * 33 / 100);
        Assert.InRange(corrupted, Frames * 11 / 100, Frames * 17 / 100); // of what was not dropped
        Assert.Equal((dropped, corrupted, changes), Run(5));
        Assert.NotEqual(changes, Run(6).changes);
    }

    [Fact]
    public async Task A_range_is_taken_piece_by_piece()
    {
        string url = Serve(Ranged);
        using var source = new HttpRangeSource(_http);
        Assert.True(source.Begin(url, 1000, 2500));
        byte[] got = new byte[2600];
        int count = 0;
        while (count < 2500)
        {
            int taken = await PollAsync(source, got, count, 700);
            Assert.InRange(taken, 1, 700);
            count += taken;
        }

        Assert.Equal(_blob[1000..3500], got[..2500]);
        Assert.Equal(-1, source.Poll(got, 0, 1));
    }

    [Fact]
    public async Task What_is_not_exactly_the_range_fails()
    {
        Func<HttpListenerContext, byte[]>[] wrong =
        [
            context => { context.Response.StatusCode = 200; return _blob; },
            context => { context.Response.StatusCode = 404; return []; },
            context => { context.Response.StatusCode = 302; context.Response.RedirectLocation = "http://127.0.0.1:1/"; return []; },
            context => { context.Response.StatusCode = 206; context.Response.AddHeader("Content-Range", "bytes 0-99/5000"); return _blob[..100]; },
            context => { context.Response.StatusCode = 206; context.Response.AddHeader("Content-Range", "bytes 10-109/5000"); return _blob[..50]; },
        ];
        string url = Serve(context => _answer(context));
        using HttpClient http = HttpRangeSource.CreateClient();
        foreach (Func<HttpListenerContext, byte[]> answer in wrong)
        {
            _answer = answer;
            using var source = new HttpRangeSource(http);
            Assert.True(source.Begin(url, 10, 100));
            Assert.Equal(-1, await PollAsync(source, new byte[100], 0, 100));
        }
    }

    [Theory]
    [InlineData("http://registry.example/v2/x", 0, 10)]
    [InlineData("file:///etc/passwd", 0, 10)]
    [InlineData("no url", 0, 10)]
    [InlineData("https://registry.example/v2/x", -1, 10)]
    [InlineData("https://registry.example/v2/x", 0, 0)]
    [InlineData("https://registry.example/v2/x", 0, 2 << 20)]
    public void What_must_not_be_asked_for_is_not(string url, int offset, int count)
    {
        using var source = new HttpRangeSource(_http);
        Assert.False(source.Begin(url, offset, count));
    }

    [Fact]
    public void Plain_http_to_another_machine_needs_more_than_a_document_that_names_it()
    {
        using var granted = new HttpRangeSource(_http, plainHttp: true);
        Assert.True(granted.Begin("http://registry.invalid/v2/x", 0, 10));
        Assert.False(granted.Begin("ftp://registry.invalid/v2/x", 0, 10));
    }

    public void Dispose()
    {
        _listener.Close();
        _http.Dispose();
    }

    private static async Task<int> PollAsync(HttpRangeSource source, byte[] buffer, int at, int count)
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(5, TestContext.Current.CancellationToken))
        {
            int taken = source.Poll(buffer, at, count);
            if (taken != 0)
            {
                return taken;
            }

            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(20), "nothing came");
        }
    }

    private byte[] Ranged(HttpListenerContext context)
    {
        Assert.Equal("bytes=1000-3499", context.Request.Headers["Range"]);
        context.Response.StatusCode = 206;
        context.Response.AddHeader("Content-Range", "bytes 1000-3499/5000");
        return _blob[1000..3500];
    }

    private string Serve(Func<HttpListenerContext, byte[]> answer)
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        string url = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
        probe.Stop();
        _listener.Prefixes.Add(url);
        _listener.Start();
        _ = Task.Run(async () =>
        {
            while (_listener.IsListening)
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                context.Response.Close(answer(context), willBlock: true);
            }
        });
        return url;
    }
}
