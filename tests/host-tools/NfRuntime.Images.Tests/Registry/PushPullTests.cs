using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Images.Building;
using NfRuntime.Images.Oci;
using NfRuntime.Images.Registry;
using Xunit;

namespace NfRuntime.Images.Tests.Registry;

/// <summary>What goes over the wire when all is well.</summary>
public sealed class PushPullTests : RegistryTest
{
    [Fact]
    public async Task What_was_pushed_is_pulled_with_the_same_digest()
    {
        TransferResult pushed = await PushAsync(One);
        Assert.Equal(One.TotalBytes, pushed.BytesOf(TransferState.Moved));
        Assert.Equal(One.Blobs.Count, pushed.Blobs.Count);
        Store.Remove(One.Digest.ToString());

        TransferResult pulled = await PullAsync();
        Assert.Equal(One.Digest, pulled.Root.Digest);
        Assert.Equal(One.TotalBytes, pulled.BytesOf(TransferState.Moved));
        Assert.Equal(3, CapsuleImage.Verify(Store, Store.Find("pulled:1").Root, TestKeys.List).Variants.Count);
    }

    [Fact]
    public async Task A_second_version_sends_and_fetches_what_differs()
    {
        await PushAsync(One, "fashion:1");
        TransferResult second = await PushAsync(Two, "fashion:2");
        long differing = Two.Blobs.Where(b => !One.Blobs.ContainsKey(b.Key)).Sum(b => (long)b.Value.Length);
        Assert.InRange(differing, 1, (Two.TotalBytes / 2) - 1);
        Assert.Equal(differing, second.BytesOf(TransferState.Moved));

        Store.Remove(Two.Digest.ToString());
        TransferResult pulled = await PullAsync("fashion:2");
        Assert.Equal(differing, pulled.BytesOf(TransferState.Moved));
        Assert.Equal(Two.TotalBytes, Store.Load(Store.Find("pulled:1").Root).TotalBytes);
    }

    [Fact]
    public async Task The_tag_is_put_last()
    {
        await PushAsync(One);
        string[] puts = [.. Registry.Server.Requests.Where(r => r.Method == "PUT").Select(r => r.Path)];
        Assert.EndsWith("/manifests/1", puts[^1], StringComparison.Ordinal);
        int manifests = Array.FindIndex(puts, p => p.Contains("/manifests/", StringComparison.Ordinal));
        Assert.All(puts[manifests..], p => Assert.Contains("/manifests/", p, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_push_of_what_is_there_asks_and_sends_nothing()
    {
        await PushAsync(One);
        int before = Registry.Server.Requests.Count;
        TransferResult again = await PushAsync(One);
        Assert.Equal(0, again.BytesOf(TransferState.Moved));
        Assert.All(Registry.Server.Requests.Skip(before), r => Assert.Equal("HEAD", r.Method));
    }

    [Fact]
    public async Task Blobs_are_mounted_from_a_repository_that_a_tag_of_the_store_names()
    {
        await PushAsync(One, "fashion:1");
        Store.Tag(One.Digest.ToString(), Reference("fashion:1"));
        TransferResult other = await PushAsync(One, "team/fashion:1");
        long json = One.Blobs.Where(b => b.Value.Span.StartsWith("{\"schemaVersion\""u8)).Sum(b => (long)b.Value.Length);
        Assert.Equal((json, One.TotalBytes - json), (other.BytesOf(TransferState.Moved), other.BytesOf(TransferState.Mounted)));
    }

    [Fact]
    public async Task A_mount_that_the_registry_does_not_do_is_an_upload()
    {
        Store.Add((One, [Reference("never/pushed:1")]));
        TransferResult pushed = await PushAsync(One, "team/fashion:1");
        Assert.Equal((One.TotalBytes, 0), (pushed.BytesOf(TransferState.Moved), pushed.BytesOf(TransferState.Mounted)));
        Assert.NotEmpty(Registry.Server.Of("POST", "mount=sha256:"));
    }

    [Fact]
    public async Task Nothing_is_asked_of_a_registry_that_only_another_one_has()
    {
        Store.Add((One, [ImageReference.Parse("registry.example/secret/project:1"), Reference("team/fashion:2")]));
        await PushAsync(One, "team/fashion:1");
        Assert.DoesNotContain(Registry.Server.Requests, r => r.Path.Contains("mount=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_target_is_that_manifest_and_nothing_of_the_others_is_fetched()
    {
        Registry.Seed(One, "fashion", "1");
        TransferResult pulled = await PullAsync(target: "esp32-s3");
        CapsuleImage image = CapsuleImage.Verify(Store, Store.Find("pulled:1").Root, TestKeys.List);
        Assert.Equal(("esp32-s3", pulled.Root.Digest), (Assert.Single(image.Variants).Target, image.Variants[0].Descriptor.Digest));
        Assert.Equal(2, Registry.Server.Of("GET", "/manifests/").Count());
        Assert.DoesNotContain(pulled.Blobs, b => b.Title.StartsWith("host/", StringComparison.Ordinal));
        RegistryException none = await Assert.ThrowsAsync<RegistryException>(() => PullAsync(target: "z80"));
        Assert.Equal((RegistryError.NotFound, "It has cortex-m4, esp32-s3, host."), (none.Error, none.Remedy));
    }

    [Fact]
    public async Task A_pull_by_digest_is_of_that_digest_whatever_the_tag_says()
    {
        Registry.Seed(One, "fashion", "1");
        Registry.Seed(Two, "fashion", "2");
        Assert.Equal(Two.Digest, (await PullAsync($"fashion:1@{Two.Digest}")).Root.Digest);
    }

    [Fact]
    public async Task Large_blobs_go_in_chunks()
    {
        Options = Options with { ChunkBytes = 1500 };
        await PushAsync(One);
        Descriptor layer = LargestLayer(One);
        Assert.Equal(ContentOf(One, layer), Registry.Blobs[$"fashion@{layer.Digest}"]);
        string[] ranges = [.. Registry.Server.Of("PATCH", "/uploads/").Select(r => r.Header("Content-Range")!)];
        Assert.Contains("1500-2999", ranges);
        Assert.All(Registry.Server.Of("PATCH", "/uploads/"), r => Assert.InRange(r.Body.Length, 1, 1500));
    }

    [Fact]
    public async Task Progress_is_told_blob_by_blob()
    {
        Registry.Seed(Small, "fashion", "1");
        var told = new Told();
        await new ImagePuller(Store, Options).PullAsync(Reference("fashion:1"), null, [], told, TestContext.Current.CancellationToken);
        BlobTransfer[] model = [.. told.All.Where(t => t.Title == "cortex-m4/model.nfrp")];
        Assert.Equal((TransferState.Running, 0L), (model[0].State, model[0].Bytes));
        Assert.Equal((TransferState.Moved, model[0].Blob.Size), (model[^1].State, model[^1].Bytes));
        Assert.Equal(model.Select(t => t.Bytes).Order(), model.Select(t => t.Bytes));
        Assert.Equal("index", told.All[0].Title);
    }

    [Fact]
    public async Task A_reference_without_registry_is_no_place()
    {
        Store.Add((One, []));
        RegistryException refused = await Assert.ThrowsAsync<RegistryException>(() => new ImagePusher(Store, Options).PushAsync(One.Root, ImageReference.Parse("fashion:1"), null, TestContext.Current.CancellationToken));
        Assert.Contains("localhost:5000/fashion:1", refused.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blob_source_gives_whole_blobs_and_ranges()
    {
        Registry.Seed(One, "fashion", "1");
        Descriptor layer = LargestLayer(One);
        byte[] content = ContentOf(One, layer);
        using var source = new RegistryBlobSource(Reference("fashion:1"), Options);
        Assert.Equal(content, await source.ReadAsync(layer.Digest, layer.Size, TestContext.Current.CancellationToken));
        var part = new byte[777];
        await source.ReadRangeAsync(layer.Digest, 1234, part, TestContext.Current.CancellationToken);
        Assert.Equal(content[1234..(1234 + 777)], part);
        RegistryException beyond = await Assert.ThrowsAsync<RegistryException>(() => source.ReadRangeAsync(layer.Digest, content.Length - 10, part, TestContext.Current.CancellationToken));
        Assert.Equal(RegistryError.Refused, beyond.Error);
        RegistryException none = await Assert.ThrowsAsync<RegistryException>(() => source.ReadAsync(Digest.Of([1]), 1, TestContext.Current.CancellationToken));
        Assert.Equal(RegistryError.NotFound, none.Error);
        byte[][] many = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => source.ReadAsync(layer.Digest, layer.Size, TestContext.Current.CancellationToken)));
        Assert.All(many, m => Assert.Equal(content, m));
    }

    private sealed class Told : IProgress<BlobTransfer>
    {
        public List<BlobTransfer> All { get; } = [];

        public void Report(BlobTransfer value) => All.Add(value);
    }
}
