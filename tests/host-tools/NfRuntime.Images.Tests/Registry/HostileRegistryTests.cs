using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Images.Oci;
using NfRuntime.Images.Registry;
using Xunit;

namespace NfRuntime.Images.Tests.Registry;

/// <summary>A registry that lies about content. Each pull ends with a reason and leaves an empty store.</summary>
public sealed class HostileRegistryTests : RegistryTest
{
    public HostileRegistryTests() => Registry.Seed(One, "fashion", "1");

    [Fact]
    public async Task A_blob_of_the_right_size_and_another_digest()
    {
        Descriptor layer = LargestLayer(One);
        InsteadOf(layer, _ => new Reply(200, new byte[layer.Size]));
        await PullFailsAsync(RegistryError.Untrusted, "content of another digest");
    }

    [Fact]
    public async Task A_manifest_of_another_digest()
    {
        Registry.Instead = r => r.Path.Contains("/manifests/sha256:", StringComparison.Ordinal) ? new Reply(200, "{}"u8.ToArray(), ("Content-Type", MediaTypes.ImageManifest)) : null;
        await PullFailsAsync(RegistryError.Untrusted, "content of another digest");
    }

    [Fact]
    public async Task A_tag_whose_header_says_another_digest()
    {
        Registry.Instead = r => r.Path.EndsWith("/manifests/1", StringComparison.Ordinal)
            ? new Reply(200, ContentOf(One, One.Root), ("Content-Type", MediaTypes.ImageIndex), ("Docker-Content-Digest", Two.Digest.ToString()))
            : null;
        await PullFailsAsync(RegistryError.Untrusted, "the registry says that it is " + Two.Digest);
    }

    [Theory]
    [InlineData(1L)]
    [InlineData(-1L)]
    [InlineData(1L << 40)]
    public async Task A_blob_that_is_announced_with_another_size(long more)
    {
        Descriptor layer = LargestLayer(One);
        InsteadOf(layer, _ => new Reply(200, []) { Length = layer.Size + more });
        await PullFailsAsync(RegistryError.Untrusted, $"announces {layer.Size + more} bytes");
    }

    [Fact]
    public async Task A_blob_that_never_ends_is_cut_at_its_size()
    {
        Descriptor layer = LargestLayer(One);
        InsteadOf(layer, _ => new Reply(200, ContentOf(One, layer)) { Length = -1, Endless = true });
        await PullFailsAsync(RegistryError.Untrusted, $"sends more than its {layer.Size} bytes");
        Assert.True(await Registry.Server.EndedByClient.WaitAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("/manifests/1")]
    [InlineData("/manifests/sha256:")]
    public async Task A_manifest_that_never_ends_is_cut_at_the_limit(string path)
    {
        Registry.Instead = r => r.Path.Contains(path, StringComparison.Ordinal) ? new Reply(200, "{"u8.ToArray(), ("Content-Type", MediaTypes.ImageIndex)) { Length = -1, Endless = true } : null;
        await PullFailsAsync(RegistryError.Untrusted, $"sends more than {OciLimits.JsonBytes} bytes");
        Assert.True(await Registry.Server.EndedByClient.WaitAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("{", "not the JSON that it should be")]
    [InlineData("[]", "is no JSON object")]
    [InlineData("""{"schemaVersion":1,"manifests":[]}""", "schemaVersion other than 2")]
    [InlineData("""{"schemaVersion":2,"manifests":[]}""", "has no targets")]
    [InlineData("""{"schemaVersion":2,"manifests":[{"mediaType":"x","digest":"sha256:1","size":2}]}""", "no sha256 digest")]
    [InlineData("""{"schemaVersion":2,"manifests":[{"mediaType":"x","digest":"sha512:1","size":99999999999}]}""", "no sha256 digest")]
    public async Task An_index_that_is_none(string json, string reason)
    {
        Registry.Manifests["fashion:1"] = (MediaTypes.ImageIndex, Encoding.UTF8.GetBytes(json));
        await PullFailsAsync(RegistryError.Untrusted, reason);
    }

    [Fact]
    public async Task An_index_in_an_index_and_too_many_manifests()
    {
        Put(new ImageIndex([One.Root]));
        await PullFailsAsync(RegistryError.Untrusted, "stands inside an index");
        Put(new ImageIndex([.. Enumerable.Repeat(One.Root, OciLimits.IndexEntries + 1)]));
        await PullFailsAsync(RegistryError.Untrusted, $"has {OciLimits.IndexEntries + 1} manifests");
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("application/vnd.docker.distribution.manifest.v2+json")]
    public async Task A_document_of_another_type(string mediaType)
    {
        Registry.Manifests["fashion:1"] = (mediaType, ContentOf(One, One.Root));
        await PullFailsAsync(RegistryError.Untrusted, $"is of type {mediaType}");
    }

    [Fact]
    public async Task A_manifest_whose_descriptor_has_another_size()
    {
        ImageIndex index = OciReader.ReadIndex(One.Blobs[One.Digest], "index");
        Put(new ImageIndex([.. index.Manifests.Select(m => m with { Size = m.Size + 1 })]));
        await PullFailsAsync(RegistryError.Untrusted, "its descriptor says");
    }

    [Fact]
    public async Task Layers_that_are_too_many_bytes_together_are_not_even_asked_for()
    {
        Descriptor[] layers = [.. Enumerable.Range(0, 17).Select(i => Descriptor.Of("x", [(byte)i]) with { Size = OciLimits.LayerBytes })];
        byte[] manifest = OciWriter.Write(new ImageManifest(MediaTypes.ArtifactType, Descriptor.Of(MediaTypes.Config, [1]), layers));
        Registry.Manifests["fashion:1"] = (MediaTypes.ImageManifest, manifest);
        await PullFailsAsync(RegistryError.Untrusted, $"at most {OciLimits.ImageBytes} are read");
        Assert.Empty(Registry.Server.Of("GET", "/blobs/"));
    }

    [Fact]
    public async Task An_image_that_is_no_capsule()
    {
        byte[] config = "{}"u8.ToArray();
        Descriptor described = Descriptor.Of("application/vnd.oci.image.config.v1+json", config);
        Registry.Blobs[$"fashion@{described.Digest}"] = config;
        Registry.Manifests["fashion:1"] = (MediaTypes.ImageManifest, OciWriter.Write(new ImageManifest(null, described, [])));
        await PullFailsAsync(RegistryError.Untrusted, "is no capsule");
    }

    [Fact]
    public async Task Whatever_request_is_the_last_nothing_half_written_is_visible()
    {
        Options = Options with { Retries = 0 };
        int answered = 0;
        for (int allowed = 0; ; allowed++)
        {
            int left = allowed;
            Registry.Instead = _ => left-- > 0 ? null : Reply.Cut;
            if (await Record.ExceptionAsync(() => PullAsync()) is not { } death)
            {
                Assert.Equal(One.TotalBytes, Store.Load(Store.Find("pulled:1").Root).TotalBytes);
                Assert.InRange(answered, 10, 100);
                return;
            }

            answered++;
            Assert.Equal(RegistryError.Unreachable, Assert.IsType<RegistryException>(death).Error);
            Assert.Empty(Store.List());
            Assert.False(Directory.Exists(Path.Combine(Store.Root, "blobs")));
        }
    }

    [Fact]
    public async Task A_pull_that_is_ended_in_the_middle_of_a_blob_leaves_nothing()
    {
        using var ended = new CancellationTokenSource();
        Descriptor layer = LargestLayer(One);
        InsteadOf(layer, _ =>
        {
            ended.Cancel();
            return new Reply(200, ContentOf(One, layer)[..100]) { Length = layer.Size };
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new ImagePuller(Store, Options).PullAsync(Reference("fashion:1"), null, [], null, ended.Token));
        Assert.Single(Registry.Server.Of("GET", layer.Digest.ToString()));
        Assert.False(Directory.Exists(Path.Combine(Store.Root, "blobs")));
    }

    [Fact]
    public async Task A_registry_that_says_it_took_something_else_has_not_taken_it()
    {
        Registry.Instead = r => r.Method == "PUT" && r.Path.Contains("/manifests/", StringComparison.Ordinal) ? Reply.Empty(201, ("Docker-Content-Digest", Two.Digest.ToString())) : null;
        RegistryException refused = await Assert.ThrowsAsync<RegistryException>(() => PushAsync(One, "other:1"));
        Assert.Equal(RegistryError.Untrusted, refused.Error);
    }

    [Fact]
    public async Task A_registry_that_has_a_blob_in_another_size()
    {
        Descriptor layer = LargestLayer(One);
        Registry.Blobs[$"other@{layer.Digest}"] = [1, 2, 3];
        RegistryException refused = await Assert.ThrowsAsync<RegistryException>(() => PushAsync(One, "other:1"));
        Assert.Equal((RegistryError.Untrusted, true), (refused.Error, refused.Message.Contains($"has 3 bytes of it; it has {layer.Size}", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Its_words_are_repeated_without_what_would_steer_a_terminal()
    {
        Registry.Instead = r => r.Method == "POST" ? new Reply(400, """{"errors":[{"code":"X","message":"quota \u001b[31mexceeded"}]}"""u8.ToArray()) : null;
        RegistryException refused = await Assert.ThrowsAsync<RegistryException>(() => PushAsync(One, "other:1"));
        Assert.Equal(RegistryError.Refused, refused.Error);
        Assert.Contains("answers 400 (quota  [31mexceeded)", refused.Message, StringComparison.Ordinal);
    }

    private void Put(ImageIndex index) => Registry.Manifests["fashion:1"] = (MediaTypes.ImageIndex, OciWriter.Write(index));
}
