using System;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Agent.Pull;

namespace NfRuntime.VirtualDevice.Transport;

/// <summary>
/// Blobs from a registry over HTTP Range. A request runs in the background; the agent's thread only takes what has come. What a request
/// asks for is bounded, so its answer is held whole. No redirect is followed, no login sent: what does not answer with exactly the range is no
/// source, and blocks are left. The client is the owner's, of <see cref="CreateClient"/>.
/// </summary>
/// <param name="http">Sends the requests.</param>
/// <param name="plainHttp">Whether a registry that is not on this machine may be without TLS.</param>
internal sealed class HttpRangeSource(HttpClient http, bool plainHttp = false) : IRangeSource, IDisposable
{
    private const int MaxBytes = 1 << 20;
    private CancellationTokenSource? _asked;
    private Task<byte[]?>? _answer;
    private int _taken;

    /// <summary>A client for all devices of a process. It reads nothing on of a body that was given up.</summary>
    public static HttpClient CreateClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        MaxResponseDrainSize = 0,
        MaxResponseHeadersLength = 16, // KiB
        ConnectTimeout = TimeSpan.FromSeconds(10),
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    public bool Begin(string url, int offset, int count)
    {
        GiveUp();
        bool isUrl = Uri.TryCreate(url, UriKind.Absolute, out Uri? address) && (address.Scheme == "https" || (address.Scheme == "http" && (plainHttp || address.IsLoopback)));
        if (!isUrl || offset < 0 || count is <= 0 or > MaxBytes)
        {
            return false;
        }

        _asked = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        _taken = 0;
        CancellationToken cancellation = _asked.Token;
        _answer = Task.Run(() => FetchAsync(address!, offset, count, cancellation), CancellationToken.None);
        return true;
    }

    public int Poll(byte[] buffer, int at, int count)
    {
        if (_answer is not { } answer)
        {
            return -1;
        }

        if (!answer.IsCompleted)
        {
            return 0;
        }

        if (answer is not { IsCompletedSuccessfully: true, Result: { } bytes } || _taken == bytes.Length)
        {
            return -1;
        }

        int taken = Math.Min(count, bytes.Length - _taken);
        bytes.AsSpan(_taken, taken).CopyTo(buffer.AsSpan(at));
        _taken += taken;
        return taken;
    }

    public void GiveUp()
    {
        _asked?.Cancel();
        _asked?.Dispose();
        _asked = null;
        _answer = null;
    }

    public void Dispose() => GiveUp();

    // Null: anything but exactly this range.
    private async Task<byte[]?> FetchAsync(Uri address, int offset, int count, CancellationToken cancellation)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Range = new RangeHeaderValue(offset, offset + (long)count - 1);
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            ContentRangeHeaderValue? range = response.Content.Headers.ContentRange;
            if (response.StatusCode != HttpStatusCode.PartialContent || range?.From != offset || range.To != offset + (long)count - 1)
            {
                return null;
            }

            byte[] bytes = new byte[count];
            var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                await stream.ReadExactlyAsync(bytes, cancellation).ConfigureAwait(false);
            }

            return bytes;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or System.IO.IOException)
        {
            return null;
        }
    }
}
