using System;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Images.Oci;

namespace NfRuntime.Images.Registry;

/// <summary>Fetches one blob whole. Its size is known and bounds what is read; a connection that breaks is taken up again with a Range.</summary>
internal sealed class BlobDownload(RegistryHttp http, Uri place, Descriptor blob, string what, IProgress<long>? progress)
{
    private readonly byte[] _content = new byte[Checked(blob, what)];
    private int _received;

    /// <exception cref="RegistryException">Not there, of another size or digest, or broken off too often.</exception>
    public async Task<byte[]> RunAsync(CancellationToken cancellation)
    {
        await http.SendAsync(new Exchange<bool>(what, Make, ReadAsync) { Bytes = blob.Size, FollowsRedirects = true }, cancellation).ConfigureAwait(false);
        return Digest.Of(_content) == blob.Digest
            ? _content
            : throw new RegistryException(RegistryError.Untrusted, $"{what}: the registry answers content of another digest, {Digest.Of(_content)}");
    }

    private static int Checked(Descriptor blob, string what) => blob.Size is >= 0 and <= OciLimits.LayerBytes
        ? (int)blob.Size
        : throw new RegistryException(RegistryError.Untrusted, $"{what} has {blob.Size} bytes; at most {OciLimits.LayerBytes} are read");

    private HttpRequestMessage Make()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, place);
        request.Headers.Range = _received > 0 && _received < _content.Length ? new RangeHeaderValue(_received, _content.Length - 1) : null;
        return request;
    }

    private async Task<bool> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.StatusCode == HttpStatusCode.PartialContent && _received > 0)
        {
            CheckRange(response);
        }
        else
        {
            await Answers.ExpectAsync(response, HttpStatusCode.OK, what, cancellation).ConfigureAwait(false);
            _received = 0; // a registry without ranges begins again
        }

        if (response.Content.Headers.ContentLength is { } length && length != _content.Length - _received)
        {
            throw new RegistryException(RegistryError.Untrusted, $"{what}: the registry announces {_received + length} bytes; it has {_content.Length}");
        }

        Stream body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            await FillAsync(body, cancellation).ConfigureAwait(false);
        }

        return true;
    }

    private void CheckRange(HttpResponseMessage response)
    {
        ContentRangeHeaderValue? range = response.Content.Headers.ContentRange;
        if (range?.From != _received || range.To != _content.Length - 1 || (range.HasLength && range.Length != _content.Length))
        {
            throw new RegistryException(RegistryError.Untrusted, $"{what}: asked for bytes from {_received} on, the registry answers {range?.ToString() ?? "others"}");
        }
    }

    private async Task FillAsync(Stream body, CancellationToken cancellation)
    {
        while (_received < _content.Length)
        {
            int read = await body.ReadAsync(_content.AsMemory(_received), cancellation).ConfigureAwait(false);
            _received += read > 0 ? read : throw new EndOfStreamException($"{what} ended after {_received} of {_content.Length} bytes");
            progress?.Report(_received);
        }

        if (await body.ReadAsync(new byte[1], cancellation).ConfigureAwait(false) > 0)
        {
            throw new RegistryException(RegistryError.Untrusted, $"{what}: the registry sends more than its {_content.Length} bytes");
        }
    }
}

/// <summary>Fetches a part of a blob.</summary>
internal static class BlobRange
{
    /// <exception cref="RegistryException">Not there, beyond its end, or not the range that was asked for.</exception>
    public static Task ReadAsync(RegistryHttp http, Uri place, string what, long offset, Memory<byte> into, CancellationToken cancellation)
    {
        long last = checked(offset + into.Length - 1);
        HttpRequestMessage Make()
        {
            var request = new HttpRequestMessage(HttpMethod.Get, place);
            request.Headers.Range = new RangeHeaderValue(offset, last);
            return request;
        }

        return http.SendAsync(
            new Exchange<bool>(what, Make, async (response, token) =>
            {
                await Answers.ExpectAsync(response, HttpStatusCode.PartialContent, $"{what}, bytes {offset} to {last}", token).ConfigureAwait(false);
                if (response.Content.Headers.ContentRange is not { } range || range.From != offset || range.To != last)
                {
                    throw new RegistryException(RegistryError.Untrusted, $"{what}: asked for bytes {offset} to {last}, the registry answers {response.Content.Headers.ContentRange?.ToString() ?? "others"}");
                }

                Stream body = await response.Content.ReadAsStreamAsync(token).ConfigureAwait(false);
                await using (body.ConfigureAwait(false))
                {
                    await body.ReadExactlyAsync(into, token).ConfigureAwait(false);
                }

                return true;
            })
            { Bytes = into.Length, FollowsRedirects = true },
            cancellation);
    }
}
