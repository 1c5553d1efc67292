using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Images.Oci;
using NfRuntime.Images.Registry;
using NfRuntime.Images.Tests.Building;
using Xunit;

namespace NfRuntime.Images.Tests.Registry;

/// <summary>A registry in this process, an empty store, and no waiting.</summary>
public abstract class RegistryTest : IAsyncDisposable
{
    private protected static readonly ImageContent One = BuildSamples.Build("1", 1).Content;
    private protected static readonly ImageContent Two = BuildSamples.Build("2", 1).Content;
    private protected static readonly ImageContent Small = BuildSamples.BuildOneTarget("1").Content;
    private readonly TemporaryFolder _folder = new();

    private protected RegistryTest()
    {
        Store = new ImageStore(_folder["images"]);
        Options = new RegistryOptions
        {
            Delay = (time, _) =>
            {
                Waits.Enqueue(time.TotalSeconds);
                return Task.CompletedTask;
            },
        };
    }

    private protected FakeRegistry Registry { get; } = new();

    private protected ImageStore Store { get; }

    private protected RegistryOptions Options { get; set; }

    /// <summary>Seconds that the client would have waited.</summary>
    private protected ConcurrentQueue<double> Waits { get; } = new();

    private protected string FileIn(string name) => _folder[name];

    public virtual async ValueTask DisposeAsync()
    {
        await Registry.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected ImageReference Reference(string rest, string? host = null) => ImageReference.Parse($"{host ?? Registry.Host}/{rest}");

    private protected Task<TransferResult> PullAsync(string rest = "fashion:1", string? target = null, string? host = null) =>
        new ImagePuller(Store, Options).PullAsync(Reference(rest, host), target, [ImageReference.Parse("pulled:1")], null, TestContext.Current.CancellationToken);

    private protected Task<TransferResult> PushAsync(ImageContent image, string rest = "fashion:1")
    {
        Store.Add((image, []));
        return new ImagePusher(Store, Options).PushAsync(image.Root, Reference(rest), null, TestContext.Current.CancellationToken);
    }

    /// <summary>The pull fails so, and the store holds nothing, neither images nor files of blobs.</summary>
    private protected async Task<RegistryException> PullFailsAsync(RegistryError error, string text, string? host = null, string? target = null)
    {
        RegistryException refused = await Assert.ThrowsAsync<RegistryException>(() => PullAsync(target: target, host: host));
        Assert.True(refused.Error == error && refused.Message.Contains(text, StringComparison.Ordinal), $"{refused.Error}: {refused.Message}");
        Assert.Empty(Store.List());
        Assert.False(Directory.Exists(Path.Combine(Store.Root, "blobs")));
        return refused;
    }

    /// <summary>The layer that only this image's first target has.</summary>
    private protected static Descriptor LargestLayer(ImageContent image) =>
        ImageWalk.Variants(image.Root, (d, _) => image.Blobs[d.Digest].ToArray()).SelectMany(v => v.Manifest.Layers).MaxBy(l => l.Size)!;

    private protected static byte[] ContentOf(ImageContent image, Descriptor blob) => image.Blobs[blob.Digest].ToArray();

    /// <summary>Answers a blob's GET with something else.</summary>
    private protected void InsteadOf(Descriptor blob, params IEnumerable<Func<SeenRequest, Reply>> replies)
    {
        var left = new ConcurrentQueue<Func<SeenRequest, Reply>>(replies);
        Registry.Instead = request => request.Method == "GET" && request.Path.EndsWith(blob.Digest.ToString(), StringComparison.Ordinal) && left.TryDequeue(out Func<SeenRequest, Reply>? reply)
            ? reply(request)
            : null;
    }
}
