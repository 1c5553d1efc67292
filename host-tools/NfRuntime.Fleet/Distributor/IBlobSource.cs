using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.ExceptionServices;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Images;

namespace NfRuntime.Fleet.Distribution;

/// <summary>Where a distributor finds blobs. What it gives is not trusted: the distributor checks size and digest.</summary>
public interface IBlobSource
{
    /// <summary>The blob, or null when there is none of this digest and size. It may throw; that is logged and counts as none.</summary>
    /// <param name="digest">Of the blob.</param>
    /// <param name="bytes">The size that the wanter says; a blob of another size is not read.</param>
    /// <param name="token">Cancels the look-up.</param>
    Task<ReadOnlyMemory<byte>?> FindAsync(Digest digest, int bytes, CancellationToken token);
}

/// <summary>The blobs of an OCI image layout (an image store, a folder of deltas): <c>blobs/sha256/…</c> under the root.</summary>
public sealed class LayoutBlobSource(string root) : IBlobSource
{
    private readonly string _blobs = Path.Combine(Path.GetFullPath(root), "blobs", "sha256");

    public async Task<ReadOnlyMemory<byte>?> FindAsync(Digest digest, int bytes, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(digest);
        var file = new FileInfo(Path.Combine(_blobs, digest.Hex));
        if (!file.Exists || file.LinkTarget is not null || file.Length != bytes)
        {
            return null;
        }

        FileStream stream = file.OpenRead();
        await using (stream.ConfigureAwait(false))
        {
            byte[] content = new byte[bytes];
            await stream.ReadExactlyAsync(content, token).ConfigureAwait(false);
            return content;
        }
    }
}

/// <summary>Several sources; the first one that has a blob gives it. One that fails is passed over, and its failure told only when none has the blob.</summary>
public sealed class BlobSources(params IReadOnlyList<IBlobSource> sources) : IBlobSource
{
    public async Task<ReadOnlyMemory<byte>?> FindAsync(Digest digest, int bytes, CancellationToken token)
    {
        ExceptionDispatchInfo? failure = null;
        foreach (IBlobSource source in sources)
        {
            try
            {
                if (await source.FindAsync(digest, bytes, token).ConfigureAwait(false) is { } found)
                {
                    return found;
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failure ??= ExceptionDispatchInfo.Capture(e);
            }
        }

        failure?.Throw();
        return null;
    }
}
