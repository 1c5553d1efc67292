using System;
using System.IO;
using System.Threading.Tasks;
using NfRuntime.Fleet.Distribution;
using NfRuntime.Fleet.Tests.Broker;
using NfRuntime.Images;
using Xunit;

namespace NfRuntime.Fleet.Tests.Distribution;

public sealed class BlobSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _blob = [1, 2, 3, 4];

    [Fact]
    public async Task ALayoutGivesWhatItHasInTheRightSizeAndFollowsNoLink()
    {
        Digest digest = Digest.Of(_blob);
        Digest linked = Digest.Of([9]);
        string blobs = Directory.CreateDirectory(Path.Combine(_folder.Path, "blobs", "sha256")).FullName;
        File.WriteAllBytes(Path.Combine(blobs, digest.Hex), _blob);
        File.CreateSymbolicLink(Path.Combine(blobs, linked.Hex), Path.Combine(blobs, digest.Hex));
        var source = new LayoutBlobSource(_folder.Path);
        Assert.Equal(_blob, (await Find(source, digest, 4))!.Value.ToArray());
        Assert.Null(await Find(source, digest, 3));
        Assert.Null(await Find(source, linked, 4));
        Assert.Null(await Find(source, Digest.Of([7]), 4));
    }

    [Fact]
    public async Task AFailingSourceIsPassedOverUnlessNoneHasTheBlob()
    {
        Assert.Equal(_blob, (await Find(new BlobSources(new Failing(), new Having(_blob)), Digest.Of(_blob), 4))!.Value.ToArray());
        await Assert.ThrowsAsync<IOException>(() => Find(new BlobSources(new Failing(), new Having(null)), Digest.Of(_blob), 4));
        Assert.Null(await Find(new BlobSources(new Having(null), new Having(null)), Digest.Of(_blob), 4));
    }

    public void Dispose() => _folder.Dispose();

    private static Task<ReadOnlyMemory<byte>?> Find(IBlobSource source, Digest digest, int bytes) => source.FindAsync(digest, bytes, TestContext.Current.CancellationToken);

    private sealed class Failing : IBlobSource
    {
        public Task<ReadOnlyMemory<byte>?> FindAsync(Digest digest, int bytes, System.Threading.CancellationToken token) => throw new IOException("away");
    }

    private sealed class Having(byte[]? blob) : IBlobSource
    {
        public Task<ReadOnlyMemory<byte>?> FindAsync(Digest digest, int bytes, System.Threading.CancellationToken token) =>
            Task.FromResult(blob is null ? (ReadOnlyMemory<byte>?)null : blob);
    }
}
