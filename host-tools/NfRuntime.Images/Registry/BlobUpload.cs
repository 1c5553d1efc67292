using System;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Images.Oci;

namespace NfRuntime.Images.Registry;

/// <summary>Puts one blob: mounted from another repository, in one request, or in chunks that are taken up again where the registry has them.</summary>
internal sealed class BlobUpload(RegistryHttp http, Uri uploads, Descriptor blob, ReadOnlyMemory<byte> content, string what, IProgress<long>? progress)
{
    /// <returns>Whether it was mounted.</returns>
    /// <exception cref="RegistryException">The registry does not take it.</exception>
    public async Task<bool> RunAsync(string? mountFrom, CancellationToken cancellation)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                if (await StartAsync(mountFrom, cancellation).ConfigureAwait(false) is not { } session)
                {
                    return true;
                }

                await SendAsync(session, cancellation).ConfigureAwait(false);
                return false;
            }
            catch (RegistryException e) when (e.IsPassing && attempt < http.Options.Retries)
            {
                await http.WaitAsync(attempt, e.RetryAfter, cancellation).ConfigureAwait(false); // a session may hold half of it: begin a new one
            }
        }
    }

    private async Task SendAsync(Uri session, CancellationToken cancellation)
    {
        bool chunked = content.Length > http.Options.ChunkBytes;
        if (chunked)
        {
            session = await SendChunksAsync(session, cancellation).ConfigureAwait(false);
        }

        await FinishAsync(session, chunked ? ReadOnlyMemory<byte>.Empty : content, cancellation).ConfigureAwait(false);
        progress?.Report(content.Length);
    }

    // 201: mounted. 202: a session, also where the registry does not mount.
    private Task<Uri?> StartAsync(string? mountFrom, CancellationToken cancellation)
    {
        Uri place = mountFrom is null ? uploads : new Uri(uploads, $"?mount={blob.Digest}&from={Uri.EscapeDataString(mountFrom)}");
        return http.SendAsync(
            new Exchange<Uri?>(what, () => new HttpRequestMessage(HttpMethod.Post, place) { Content = new ByteArrayContent([]) }, async (response, token) =>
            {
                if (mountFrom is not null && response.StatusCode == HttpStatusCode.Created)
                {
                    Answers.CheckDigest(response, blob.Digest, what);
                    return null;
                }

                await Answers.ExpectAsync(response, HttpStatusCode.Accepted, what, token).ConfigureAwait(false);
                return http.Endpoint.FollowHome(response.Headers.Location);
            }),
            cancellation);
    }

    private async Task<Uri> SendChunksAsync(Uri session, CancellationToken cancellation)
    {
        int failures = 0;
        for (int sent = 0; sent < content.Length;)
        {
            try
            {
                (session, int now) = await SendChunkAsync(session, sent, cancellation).ConfigureAwait(false);
                failures = now > sent ? 0 : throw new RegistryException(RegistryError.Refused, $"{what}: the registry takes no further bytes after {sent}");
                sent = now;
                progress?.Report(sent);
            }
            catch (RegistryException e) when (e.IsPassing && failures < http.Options.Retries)
            {
                await http.WaitAsync(failures++, e.RetryAfter, cancellation).ConfigureAwait(false);
                (session, sent) = await ResumeAsync(session, cancellation).ConfigureAwait(false);
            }
        }

        return session;
    }

    // Distribution 2.8 knows a session only by the address that the lost answer had; then there is nothing to go on with.
    private async Task<(Uri, int)> ResumeAsync(Uri session, CancellationToken cancellation)
    {
        try
        {
            return await AskAsync(session, cancellation).ConfigureAwait(false);
        }
        catch (RegistryException e) when (e.Error is RegistryError.NotFound or RegistryError.Refused)
        {
            throw new RegistryException(RegistryError.Unreachable, $"{what}: the upload broke off and the registry knows nothing of it", null, e) { IsPassing = true };
        }
    }

    private Task<(Uri, int)> SendChunkAsync(Uri session, int from, CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> chunk = content.Slice(from, Math.Min(http.Options.ChunkBytes, content.Length - from));
        HttpRequestMessage Make()
        {
            HttpRequestMessage request = Binary(HttpMethod.Patch, session, chunk);
            request.Content!.Headers.TryAddWithoutValidation("Content-Range", $"{from}-{from + chunk.Length - 1}"); // distribution's form, without a unit
            return request;
        }

        return http.SendAsync(
            new Exchange<(Uri, int)>(what, Make, async (response, token) =>
            {
                await Answers.ExpectAsync(response, HttpStatusCode.Accepted, what, token).ConfigureAwait(false);
                return (http.Endpoint.FollowHome(response.Headers.Location), ReadSent(response, from + chunk.Length));
            })
            { Bytes = chunk.Length, MayRepeat = false },
            cancellation);
    }

    /// <summary>How much of the upload the registry has.</summary>
    private Task<(Uri, int)> AskAsync(Uri session, CancellationToken cancellation) => http.SendAsync(
        new Exchange<(Uri, int)>(what, () => new HttpRequestMessage(HttpMethod.Get, session), async (response, token) =>
        {
            await Answers.ExpectAsync(response, HttpStatusCode.NoContent, what, token).ConfigureAwait(false);
            return (response.Headers.Location is { } next ? http.Endpoint.FollowHome(next) : session, ReadSent(response, 0));
        }),
        cancellation);

    private Task<bool> FinishAsync(Uri session, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var place = new UriBuilder(session) { Query = (session.Query.Length > 1 ? session.Query[1..] + "&" : "") + "digest=" + Uri.EscapeDataString(blob.Digest.ToString()) };
        return http.SendAsync(
            new Exchange<bool>(what, () => Binary(HttpMethod.Put, place.Uri, body), async (response, token) =>
            {
                await Answers.ExpectAsync(response, HttpStatusCode.Created, what, token).ConfigureAwait(false);
                Answers.CheckDigest(response, blob.Digest, what);
                return true;
            })
            { Bytes = body.Length, MayRepeat = false },
            cancellation);
    }

    private static HttpRequestMessage Binary(HttpMethod method, Uri place, ReadOnlyMemory<byte> body)
    {
        var request = new HttpRequestMessage(method, place) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return request;
    }

    // "0-1023": 1024 bytes are there. Distribution says "0-0" of an empty session too, which a byte that is sent twice must not follow from.
    private int ReadSent(HttpResponseMessage response, int without)
    {
        if (!response.Headers.TryGetValues("Range", out var values))
        {
            return without;
        }

        string range = string.Join(',', values);
        return range.StartsWith("0-", StringComparison.Ordinal)
            && int.TryParse(range.AsSpan(2), System.Globalization.NumberStyles.None, null, out int last) && last < content.Length
                ? last == 0 && without == 0 ? 0 : last + 1
                : throw new RegistryException(RegistryError.Untrusted, $"{what}: the registry says that it has bytes outside the {content.Length} that there are");
    }
}
