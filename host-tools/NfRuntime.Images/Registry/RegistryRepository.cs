using System;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Images.Oci;

namespace NfRuntime.Images.Registry;

/// <summary>
/// One repository of a registry (OCI distribution specification 1.1). Nothing that it answers is trusted: size before hash, hash before
/// parse. Every method throws <see cref="RegistryException"/>.
/// </summary>
internal sealed class RegistryRepository : IDisposable
{
    private readonly RegistryHttp _http;
    private readonly Uri _root;

    /// <exception cref="RegistryException">The reference names no registry (NotFound).</exception>
    public RegistryRepository(ImageReference reference, RegistryOptions options)
    {
        Host = reference.Host ?? throw new RegistryException(RegistryError.NotFound, $"{reference} names no registry", $"Write HOST[:PORT]/{reference}, for example localhost:5000/{reference}.");
        Name = reference.Name;
        _http = new RegistryHttp(Host, options);
        _root = new Uri(_http.Endpoint.Root, Name + "/");
    }

    public string Host { get; }

    public string Name { get; }

    /// <summary><c>https://host[:port]/v2/name</c>, or http.</summary>
    public string Url => _root.AbsoluteUri.TrimEnd('/');

    public void Dispose() => _http.Dispose();

    /// <summary>Whether the registry takes these options' login; throws when it does not.</summary>
    public static async Task CheckLoginAsync(string host, RegistryOptions options, CancellationToken cancellation)
    {
        using var http = new RegistryHttp(host, options);
        await http.SendAsync(
            new Exchange<bool>(host, () => new HttpRequestMessage(HttpMethod.Get, http.Endpoint.Root), async (response, token) =>
            {
                await Answers.ExpectAsync(response, HttpStatusCode.OK, $"{host} is no registry of version 2", token).ConfigureAwait(false);
                return true;
            }),
            cancellation).ConfigureAwait(false);
    }

    /// <summary>An index or manifest by tag or digest, its digest verified; by tag it is what the registry says today.</summary>
    public Task<(Descriptor Descriptor, byte[] Content)> GetManifestAsync(string tagOrDigest, CancellationToken cancellation)
    {
        string what = Named(tagOrDigest);
        return _http.SendAsync(
            new Exchange<(Descriptor, byte[])>(what, () => Accepting(new HttpRequestMessage(HttpMethod.Get, Manifest(tagOrDigest))), async (response, token) =>
            {
                await Answers.ExpectAsync(response, HttpStatusCode.OK, what, token).ConfigureAwait(false);
                byte[] content = await Answers.ReadAsync(response, OciLimits.JsonBytes, what, token).ConfigureAwait(false);
                var digest = Digest.Of(content);
                Answers.CheckDigest(response, digest, what);
                return Digest.TryParse(tagOrDigest, out Digest? asked) && asked != digest
                    ? throw new RegistryException(RegistryError.Untrusted, $"{what}: the registry answers content of another digest, {digest}")
                    : (new Descriptor(response.Content.Headers.ContentType?.MediaType ?? "", digest, content.Length), content);
            })
            { Bytes = OciLimits.JsonBytes },
            cancellation);
    }

    /// <summary>Whether the registry says that <paramref name="tagOrDigest"/> is <paramref name="digest"/>.</summary>
    public Task<bool> HasManifestAsync(string tagOrDigest, Digest digest, CancellationToken cancellation)
    {
        string what = Named(tagOrDigest);
        return _http.SendAsync(
            new Exchange<bool>(what, () => Accepting(new HttpRequestMessage(HttpMethod.Head, Manifest(tagOrDigest))), (response, _) =>
                Task.FromResult(IsThere(response, what) && Answers.SaidDigest(response) == digest.ToString())),
            cancellation);
    }

    /// <summary>Puts a manifest or index; the registry checks that what it names is there.</summary>
    public Task PutManifestAsync(string tagOrDigest, Descriptor descriptor, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        string what = Named(tagOrDigest);
        HttpRequestMessage Make()
        {
            var body = new ReadOnlyMemoryContent(content);
            body.Headers.ContentType = new MediaTypeHeaderValue(descriptor.MediaType);
            return new HttpRequestMessage(HttpMethod.Put, Manifest(tagOrDigest)) { Content = body };
        }

        return _http.SendAsync(
            new Exchange<bool>(what, Make, async (response, token) =>
            {
                await Answers.ExpectAsync(response, HttpStatusCode.Created, what, token).ConfigureAwait(false);
                Answers.CheckDigest(response, descriptor.Digest, what);
                return true;
            })
            { Bytes = content.Length },
            cancellation);
    }

    /// <summary>Whether a blob is there, with the size that it must have.</summary>
    public Task<bool> HasBlobAsync(Descriptor blob, CancellationToken cancellation)
    {
        string what = Named(blob.Digest.ToString());
        return _http.SendAsync(
            new Exchange<bool>(what, () => new HttpRequestMessage(HttpMethod.Head, Blob(blob.Digest)), (response, _) =>
            {
                bool there = IsThere(response, what);
                return !there || response.Content.Headers.ContentLength is null or 0 || response.Content.Headers.ContentLength == blob.Size
                    ? Task.FromResult(there)
                    : throw new RegistryException(RegistryError.Untrusted, $"{what}: the registry has {response.Content.Headers.ContentLength} bytes of it; it has {blob.Size}");
            })
            { FollowsRedirects = false },
            cancellation);
    }

    /// <summary>A whole blob, verified. After a broken connection it goes on where it was.</summary>
    /// <param name="blob">At most <see cref="OciLimits.LayerBytes"/>.</param>
    /// <param name="progress">Bytes so far; or null.</param>
    /// <param name="cancellation">Stops at once.</param>
    public Task<byte[]> GetBlobAsync(Descriptor blob, IProgress<long>? progress, CancellationToken cancellation) =>
        new BlobDownload(_http, Blob(blob.Digest), blob, Named(blob.Digest.ToString()), progress).RunAsync(cancellation);

    /// <summary>Some bytes of a blob, not verified: only the whole has a digest.</summary>
    public Task GetRangeAsync(Digest blob, long offset, Memory<byte> into, CancellationToken cancellation) =>
        BlobRange.ReadAsync(_http, Blob(blob), Named(blob.ToString()), offset, into, cancellation);

    /// <summary>Puts a blob that is not there, from another repository of the registry where it has it.</summary>
    /// <returns>Whether it was mounted, so that nothing was sent.</returns>
    public Task<bool> PutBlobAsync(Descriptor blob, ReadOnlyMemory<byte> content, string? mountFrom, IProgress<long>? progress, CancellationToken cancellation) =>
        new BlobUpload(_http, new Uri(_root, "blobs/uploads/"), blob, content, Named(blob.Digest.ToString()), progress).RunAsync(mountFrom, cancellation);

    private static HttpRequestMessage Accepting(HttpRequestMessage request)
    {
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(MediaTypes.ImageIndex));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(MediaTypes.ImageManifest));
        return request;
    }

    private static bool IsThere(HttpResponseMessage response, string what)
    {
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }

        // A redirect says yes as well: to a HEAD it costs nothing to believe it, the upload of what names the blob finds out.
        if ((int)response.StatusCode is < 300 or >= 400)
        {
            Answers.Expect(response, HttpStatusCode.OK, what);
        }

        return true;
    }

    private string Named(string tagOrDigest) => Digest.TryParse(tagOrDigest, out Digest? digest) ? $"{Host}/{Name}@sha256:{digest.Short}" : $"{Host}/{Name}:{tagOrDigest}";

    private Uri Manifest(string tagOrDigest) => new(_root, "manifests/" + tagOrDigest);

    private Uri Blob(Digest digest) => new(_root, "blobs/" + digest);
}
