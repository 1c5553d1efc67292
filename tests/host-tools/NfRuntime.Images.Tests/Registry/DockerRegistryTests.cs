using System;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;
using NfRuntime.Images.Building;
using NfRuntime.Images.Oci;
using NfRuntime.Images.Registry;
using Xunit;

namespace NfRuntime.Images.Tests.Registry;

/// <summary>What tests/end-to-end/registry.sh does not reach, against the real docker-registry: chunks, what breaks, ranges.</summary>
public sealed class DockerRegistryTests : RegistryTest
{
    private readonly int _port = FreePort();
    private Process? _process;

    [Fact]
    public async Task Chunks_mounts_and_ranges()
    {
        await StartAsync();
        Options = Options with { ChunkBytes = 1000 };
        Store.Add((One, [Reference("fashion:1", Host)]));
        var pusher = new ImagePusher(Store, Options);
        TransferResult pushed = await pusher.PushAsync(One.Root, Reference("fashion:1", Host), null, TestContext.Current.CancellationToken);
        Assert.Equal(One.TotalBytes, pushed.BytesOf(TransferState.Moved));
        TransferResult mounted = await pusher.PushAsync(One.Root, Reference("team/fashion:1", Host), null, TestContext.Current.CancellationToken);
        Assert.Equal(One.TotalBytes, mounted.BytesOf(TransferState.Moved) + mounted.BytesOf(TransferState.Mounted));
        Assert.All(mounted.Blobs, b => Assert.Equal(b.Title.EndsWith("manifest", StringComparison.Ordinal) || b.Title == "index" ? TransferState.Moved : TransferState.Mounted, b.State));

        Descriptor layer = LargestLayer(One);
        using var source = new RegistryBlobSource(Reference("team/fashion:1", Host), Options);
        var part = new byte[100];
        await source.ReadRangeAsync(layer.Digest, 2000, part, TestContext.Current.CancellationToken);
        Assert.Equal(ContentOf(One, layer)[2000..2100], part);
        RegistryException beyond = await Assert.ThrowsAsync<RegistryException>(() => source.ReadRangeAsync(layer.Digest, layer.Size + 5, part, TestContext.Current.CancellationToken));
        Assert.Equal(RegistryError.Refused, beyond.Error);

        Store.Remove(One.Digest.ToString());
        await PullAsync("team/fashion:1", host: Host);
        Assert.Equal(3, CapsuleImage.Verify(Store, Store.Find("pulled:1").Root, TestKeys.List).Variants.Count);
    }

    // Between us and the real registry stands one that cuts: the third chunk is lost, the first download ends after 700 bytes.
    [Fact]
    public async Task Broken_uploads_and_downloads_go_on()
    {
        await StartAsync();
        Descriptor layer = LargestLayer(One);
        int chunks = 0, downloads = 0;
        await using var between = new CuttingProxy(_port, request =>
            request.StartsWith("PATCH", StringComparison.Ordinal) && ++chunks == 3 ? 0
            : request.StartsWith("GET", StringComparison.Ordinal) && request.Contains($"blobs/{layer.Digest}", StringComparison.Ordinal) && ++downloads == 1 ? 700
            : null);
        Options = Options with { ChunkBytes = 1000 };
        string through = $"127.0.0.1:{between.Port}";
        Store.Add((One, []));
        await new ImagePusher(Store, Options).PushAsync(One.Root, Reference("fashion:1", through), null, TestContext.Current.CancellationToken);
        Store.Remove(One.Digest.ToString());
        await PullAsync("fashion:1", host: through);
        Assert.Equal(One.TotalBytes, Store.Load(Store.Find("pulled:1").Root).TotalBytes);
        Assert.Equal(2, downloads);
        Assert.Equal(2, between.Cuts);
        Assert.Equal([0.25, 0.25, 0.25], Waits); // the chunk, then a new session, for this registry forgets; the download
    }

    public override async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            process.Dispose();
        }

        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private string Host => $"127.0.0.1:{_port}";

    private async Task StartAsync()
    {
        string configuration = FileIn("registry.yml");
        await File.WriteAllTextAsync(configuration, $$"""
            version: 0.1
            log: { level: error }
            storage: { filesystem: { rootdirectory: {{FileIn("registry")}} } }
            http: { addr: '{{Host}}', relativeurls: true }
            """, TestContext.Current.CancellationToken);
        try
        {
            _process = Process.Start(new ProcessStartInfo("docker-registry", ["serve", configuration]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("docker-registry is not installed: chunks and broken connections against it were not tested");
        }

        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        while (!await AnswersAsync())
        {
            Assert.False(_process.HasExited, "docker-registry ended");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, _port, TestContext.Current.CancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
