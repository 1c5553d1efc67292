using System;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Images.Oci;

namespace NfRuntime.Images.Registry;

/// <summary>
/// Blobs of one repository by digest, for whoever hands them on (a distributor). Safe for concurrent use; connections and tokens are kept
/// between calls. Every method throws <see cref="RegistryException"/>: <see cref="RegistryException.Error"/> says whether the registry is away
/// (Unreachable), has no such blob (NotFound), or answers what cannot be trusted (Untrusted).
/// </summary>
public sealed class RegistryBlobSource : IDisposable
{
    private readonly RegistryRepository _repository;

    /// <param name="repository">Its host and name count: <c>registry.example:5000/team/fashion</c>.</param>
    /// <param name="options">How to talk to the registry.</param>
    /// <exception cref="RegistryException">The reference names no registry.</exception>
    public RegistryBlobSource(ImageReference repository, RegistryOptions options)
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(options);
        _repository = new RegistryRepository(repository, options);
    }

    /// <summary><c>https://host[:port]/v2/name</c>, or http where the options allow it: its blobs are at <c>/blobs/sha256:…</c> under it.</summary>
    public string Url => _repository.Url;

    /// <summary>A whole blob, its size and digest verified. A connection that breaks is taken up again where it was.</summary>
    /// <param name="digest">Of the blob.</param>
    /// <param name="size">Bytes, as a verified manifest or whoever wants the blob says; more than <see cref="OciLimits.LayerBytes"/> are refused.</param>
    /// <param name="cancellation">Ends the download.</param>
    /// <returns>A new array of <paramref name="size"/> bytes.</returns>
    public Task<byte[]> ReadAsync(Digest digest, long size, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(digest);
        return _repository.GetBlobAsync(new Descriptor("application/octet-stream", digest, size), null, cancellation);
    }

    /// <summary>Fills <paramref name="into"/> with the blob's bytes from <paramref name="offset"/> on. <b>Not verified</b>: only the whole has a digest, so whoever joins the parts hashes them.</summary>
    /// <param name="digest">Of the whole blob.</param>
    /// <param name="offset">Bytes, 0 or more; the range must end within the blob.</param>
    /// <param name="into">At least one byte.</param>
    /// <param name="cancellation">Ends the download.</param>
    public Task ReadRangeAsync(Digest digest, long offset, Memory<byte> into, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(digest);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfZero(into.Length);
        return _repository.GetRangeAsync(digest, offset, into, cancellation);
    }

    public void Dispose() => _repository.Dispose();
}
