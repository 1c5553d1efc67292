using System;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Images;
using NfRuntime.Images.Registry;

namespace NfRuntime.Fleet.Distribution;

/// <summary>The blobs of one repository of an OCI registry.</summary>
/// <param name="registry">The caller disposes of it.</param>
public sealed class RegistrySource(RegistryBlobSource registry) : IBlobSource
{
    public async Task<ReadOnlyMemory<byte>?> FindAsync(Digest digest, int bytes, CancellationToken token)
    {
        try
        {
            return await registry.ReadAsync(digest, bytes, token).ConfigureAwait(false);
        }
        catch (RegistryException e) when (e.Error == RegistryError.NotFound)
        {
            return null;
        }
    }
}
