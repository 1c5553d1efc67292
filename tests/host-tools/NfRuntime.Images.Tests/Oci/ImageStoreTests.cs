using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Images.Building;
using NfRuntime.Images.Oci;
using NfRuntime.Images.Tests.Building;
using Xunit;

namespace NfRuntime.Images.Tests.Oci;

public sealed class ImageStoreTests : IDisposable
{
    private static readonly ImageContent One = BuildSamples.Build("1", 1).Content;
    private static readonly ImageContent Two = BuildSamples.Build("2", 2).Content;
    private static readonly ImageContent Small = BuildSamples.BuildOneTarget("1").Content;
    private static readonly ImageContent SmallTwo = BuildSamples.BuildOneTarget("2").Content;
    private readonly TemporaryFolder _folder = new();
    private readonly ImageStore _store;

    public ImageStoreTests() => _store = new ImageStore(_folder["images"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_store_that_was_never_written_is_empty_and_leaves_no_trace()
    {
        Assert.Empty(_store.List());
        Assert.Equal(StoreError.NotFound, Assert.Throws<ImageStoreException>(() => _store.Find("fashion:1")).Error);
        Assert.False(Directory.Exists(_store.Root));
    }

    [Fact]
    public void Images_are_found_by_tag_digest_and_short_digest()
    {
        Add(One, "fashion:1", "fashion:latest");
        Add(Two, "fashion:2");
        foreach (string reference in (string[])["fashion:1", "fashion", "fashion:latest", One.Digest.ToString(), One.Digest.Hex, One.Digest.Short, "sha256:" + One.Digest.Short, $"fashion@{One.Digest}", $"fashion:1@{One.Digest}"])
        {
            Assert.Equal(One.Digest, _store.Find(reference).Root.Digest);
        }

        Assert.Equal([One.Digest, Two.Digest], _store.List().Select(i => i.Root.Digest));
        Assert.Equal(["fashion:1", "fashion:latest"], _store.List()[0].Tags);
        var unknown = Assert.Throws<ImageStoreException>(() => _store.Find("fashion:3"));
        Assert.Equal((StoreError.NotFound, "There is fashion:1, fashion:latest, fashion:2."), (unknown.Error, unknown.Remedy));
        Assert.Equal(StoreError.NotFound, Assert.Throws<ImageStoreException>(() => _store.Find($"fashion:2@{One.Digest}")).Error);
        Assert.Equal(StoreError.Reference, Assert.Throws<ImageStoreException>(() => _store.Find("Fa shion")).Error);
    }

    [Fact]
    public void A_loaded_image_is_the_added_one()
    {
        Add(One, "fashion:1");
        ImageContent loaded = _store.Load(_store.Find("fashion:1").Root);
        Assert.Equal(One.Root.Digest, loaded.Digest);
        Assert.Equal(One.Blobs.Keys.Order(), loaded.Blobs.Keys.Order());
        Assert.All(One.Blobs, b => Assert.True(b.Value.Span.SequenceEqual(loaded.Blobs[b.Key].Span)));
    }

    [Fact]
    public void A_tag_moves_and_the_former_image_stays_until_it_is_pruned()
    {
        Add(One, "fashion:1");
        Add(Two, "fashion:1");
        Assert.Equal([(Two.Digest, 1), (One.Digest, 0)], _store.List().Select(i => (i.Root.Digest, i.Tags.Count)));
        _store.Tag(One.Digest.Short, ImageReference.Parse("fashion:old"));
        Assert.Equal(0, _store.Prune());
        Add(One, "fashion:older");
        _store.Remove("fashion:old");
        _store.Remove("fashion:older");
        Assert.Equal([Two.Digest], _store.List().Select(i => i.Root.Digest));
    }

    [Fact]
    public void A_removal_frees_exactly_what_nothing_else_needs()
    {
        Add(One, "fashion:1", "fashion:stable");
        Add(Two, "fashion:2");
        long unshared = One.Blobs.Where(b => !Two.Blobs.ContainsKey(b.Key)).Sum(b => (long)b.Value.Length);
        Assert.InRange(unshared, 1, One.TotalBytes - 1);

        RemovalResult first = _store.Remove("fashion:1");
        Assert.Equal(("fashion:1", 0L), (Assert.Single(first.Untagged), first.FreedBytes));
        RemovalResult second = _store.Remove(One.Digest.Short);
        Assert.Equal(("fashion:stable", unshared), (Assert.Single(second.Untagged), second.FreedBytes));
        Assert.Equal(Two.Blobs.Keys.Select(d => d.Hex).Order(StringComparer.Ordinal), BlobFiles());
        Assert.Equal(Two.TotalBytes, _store.Load(_store.Find("fashion:2").Root).TotalBytes);
    }

    [Fact]
    public void Shared_bytes_and_inspection_come_from_the_signed_manifests()
    {
        Add(One, "fashion:1");
        Add(Two, "fashion:2");
        CapsuleImage one = CapsuleImage.Verify(_store, One.Root, TestKeys.List);
        CapsuleImage two = CapsuleImage.Verify(_store, Two.Root, TestKeys.Publisher.PublicKey);
        Assert.Equal(["cortex-m4", "esp32-s3", "host"], one.Variants.Select(v => v.Target));
        Assert.All(one.Variants, v => Assert.Equal(TestKeys.Publisher.PublicKey.Id, v.Signer));
        Assert.Equal(412_160, one.Variants[0].Config.Figures["macs"]);
        Assert.Equal(One.Blobs.Where(b => Two.Blobs.ContainsKey(b.Key)).Sum(b => (long)b.Value.Length), one.SharedBytes(two));
        Assert.True(one.SharedBytes(two) > 0);
        var refused = Assert.Throws<ContentException>(() => CapsuleImage.Verify(_store, One.Root, TestKeys.Stranger.PublicKey));
        Assert.IsType<NfRuntime.Images.Capsule.ManifestFormatException>(refused.InnerException);
        Assert.Throws<ContentException>(() => CapsuleImage.Verify(_store, One.Root, TestKeys.List, minimumCounter: 2));
    }

    [Fact]
    public void A_death_at_any_operation_leaves_the_former_or_the_new_state()
    {
        int deaths = 0;
        foreach (Action<ImageStore> change in (Action<ImageStore>[])
            [s => s.Add((SmallTwo, [ImageReference.Parse("fashion:1")])), s => s.Remove("fashion:1"), s => s.Tag("fashion:1", ImageReference.Parse("fashion:new"))])
        {
            foreach (bool half in (bool[])[false, true])
            {
                deaths += DieEverywhere(change, half);
            }
        }

        Assert.True(deaths > 40, $"{deaths} deaths");
    }

    [Fact]
    public void A_death_while_a_store_is_made_leaves_one_that_works()
    {
        int empty = 0;
        for (int at = 0; ; at++)
        {
            using var folder = new TemporaryFolder();
            var dying = new FaultyFileSystem(at, half: true);
            Exception? death = Record.Exception(() => new ImageStore(folder["s"], dying).Add((Small, [ImageReference.Parse("fashion:1")])));
            var after = new ImageStore(folder["s"]);
            if (death is null)
            {
                Assert.True(at > 10 && empty >= at - 1, $"{empty} of {at}");
                return;
            }

            Assert.Equal(StoreError.Unusable, Assert.IsType<ImageStoreException>(death).Error);
            Assert.All(after.List(), i => Assert.Equal(Small.TotalBytes, after.Load(i.Root).TotalBytes)); // none, or at the very end the new one
            empty += after.List().Count == 0 ? 1 : 0;
            after.Add((Small, [ImageReference.Parse("fashion:1")]));
            Assert.Equal(Small.TotalBytes, after.Load(after.Find("fashion:1").Root).TotalBytes);
        }
    }

    [Fact]
    public async Task Concurrent_writers_lose_nothing()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() =>
        {
            var mine = new ImageStore(_store.Root);
            mine.Add((i % 2 == 0 ? One : Two, [ImageReference.Parse($"fashion:w{i}")]));
            mine.Tag($"fashion:w{i}", ImageReference.Parse($"fashion:x{i}"));
            mine.Prune();
        }, TestContext.Current.CancellationToken)));
        Assert.Equal(16, _store.List().Sum(i => i.Tags.Count));
        Assert.All(_store.List(), i => _store.Load(i.Root));
    }

    [Fact]
    public void A_damaged_blob_is_replaced_when_its_image_is_added_again()
    {
        Add(One, "fashion:1");
        Digest damaged = One.Blobs.Keys.First(d => d != One.Digest);
        File.WriteAllBytes(BlobPath(damaged), new byte[One.Blobs[damaged].Length]);
        Assert.Equal(ContentError.Digest, Assert.Throws<ContentException>(() => _store.Load(One.Root)).Error);
        Add(One, "fashion:1");
        Assert.Equal(One.TotalBytes, _store.Load(One.Root).TotalBytes);
    }

    [Fact]
    public void What_an_image_lacks_is_found_before_anything_is_written()
    {
        var torn = One with { Blobs = One.Blobs.Skip(1).ToDictionary() };
        Assert.Equal(ContentError.Missing, Assert.Throws<ContentException>(() => Add(torn, "fashion:1")).Error);
        Assert.Empty(_store.List());
        Assert.Empty(BlobFiles());
    }

    private static int DieEverywhere(Action<ImageStore> change, bool half)
    {
        using var folder = new TemporaryFolder();
        string before = State(Fresh(folder["before"]));
        ImageStore changed = Fresh(folder["after"]);
        change(changed);
        string after = State(changed);
        Assert.NotEqual(before, after);
        for (int at = 0; ; at++)
        {
            ImageStore store = Copy(folder["before"], folder[$"{at}"]);
            Exception? death = Record.Exception(() => change(new ImageStore(store.Root, new FaultyFileSystem(at, half))));
            if (death is null)
            {
                return at;
            }

            Assert.IsType<ImageStoreException>(death);
            Assert.Contains(State(store), (string[])[before, after]);
            store.Prune();
            Assert.DoesNotContain(Directory.GetFiles(store.Root, "*", SearchOption.AllDirectories), f => Path.GetFileName(f).StartsWith(".new-", StringComparison.Ordinal));
        }
    }

    private static ImageStore Fresh(string root)
    {
        var store = new ImageStore(root);
        store.Add((Small, [ImageReference.Parse("fashion:1")]));
        return store;
    }

    private static ImageStore Copy(string from, string to)
    {
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string path = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Copy(file, path);
        }

        return new ImageStore(to);
    }

    // What a user can see: every image is whole.
    private static string State(ImageStore store) =>
        string.Join(';', store.List().Select(i => $"{store.Load(i.Root).Digest}={string.Join(',', i.Tags)}"));

    private void Add(ImageContent content, params string[] tags) => _store.Add((content, [.. tags.Select(ImageReference.Parse)]));

    private string BlobPath(Digest digest) => Path.Combine(_store.Root, "blobs", "sha256", digest.Hex);

    private IEnumerable<string> BlobFiles() =>
        Directory.GetFiles(Path.Combine(_store.Root, "blobs", "sha256")).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal);
}
