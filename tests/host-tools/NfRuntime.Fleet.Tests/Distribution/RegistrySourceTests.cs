using System;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Fleet.Distribution;
using NfRuntime.Fleet.Tests.Broker;
using NfRuntime.Fleet.Tests.Memory;
using NfRuntime.Images;
using NfRuntime.Images.Building;
using NfRuntime.Images.Oci;
using NfRuntime.Images.Registry;
using Xunit;

namespace NfRuntime.Fleet.Tests.Distribution;

/// <summary>What an image store has lost and the real docker-registry holds.</summary>
public sealed class RegistrySourceTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly int _port = FreePort();
    private Process? _process;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ABlobThatTheStoreHasLostComesFromTheRegistry()
    {
        await StartAsync();
        var store = new ImageStore(Path.Combine(_folder.Path, "images"));
        byte[] plan = SampleImages.Plan(1, 50_000);
        SampleImages.Add(store, "fashion", "1", plan);
        StoredImage image = store.Find("fashion:1");
        ImageReference reference = ImageReference.Parse($"127.0.0.1:{_port}/team/fashion:1");
        var options = new RegistryOptions();
        await new ImagePusher(store, options).PushAsync(image.Root, reference, null, Cancelled);
        Descriptor lost = Array.Find([.. CapsuleImage.Read(store, image.Root).Variants[0].Layers], layer => layer.Digest == Digest.Of(plan))!;
        File.Delete(Path.Combine(store.Root, "blobs", "sha256", lost.Digest.Hex));

        using var registry = new RegistryBlobSource(reference, options);
        Assert.Equal($"http://127.0.0.1:{_port}/v2/team/fashion", registry.Url);
        var layout = new LayoutBlobSource(store.Root);
        var both = new BlobSources(layout, new RegistrySource(registry));
        Assert.Null(await layout.FindAsync(lost.Digest, plan.Length, Cancelled));
        Assert.Equal(plan, (await both.FindAsync(lost.Digest, plan.Length, Cancelled))!.Value.ToArray());

        // Nobody has it; another size; and a registry that changed it.
        Assert.Null(await both.FindAsync(Digest.Of([7]), 1, Cancelled));
        await Assert.ThrowsAsync<RegistryException>(() => both.FindAsync(lost.Digest, plan.Length - 1, Cancelled));
        string file = Path.Combine(_folder.Path, "registry", "docker", "registry", "v2", "blobs", "sha256", lost.Digest.Hex[..2], lost.Digest.Hex, "data");
        plan[100] ^= 1;
        await File.WriteAllBytesAsync(file, plan, Cancelled);
        RegistryException changed = await Assert.ThrowsAsync<RegistryException>(() => both.FindAsync(lost.Digest, plan.Length, Cancelled));
        Assert.Equal(RegistryError.Untrusted, changed.Error);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync(Cancelled);
            process.Dispose();
        }

        _folder.Dispose();
    }

    private async Task StartAsync()
    {
        string configuration = Path.Combine(_folder.Path, "registry.yml");
        await File.WriteAllTextAsync(configuration, $$"""
            version: 0.1
            log: { level: error }
            storage: { filesystem: { rootdirectory: {{Path.Combine(_folder.Path, "registry")}} } }
            http: { addr: '127.0.0.1:{{_port}}' }
            """, Cancelled);
        try
        {
            _process = Process.Start(new ProcessStartInfo("docker-registry", ["serve", configuration]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("docker-registry is not installed: a distributor's blobs from it were not tested");
        }

        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        for (var waited = Stopwatch.StartNew(); !await AnswersAsync(); await Task.Delay(50, Cancelled))
        {
            Assert.False(_process.HasExited || waited.Elapsed > TimeSpan.FromSeconds(20), "docker-registry does not answer");
        }
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, _port, Cancelled);
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
