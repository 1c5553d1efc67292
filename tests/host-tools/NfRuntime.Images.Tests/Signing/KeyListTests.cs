using System;
using System.Linq;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Signing;
using Xunit;

namespace NfRuntime.Images.Tests.Signing;

public class KeyListTests
{
    [Theory]
    [InlineData("", "anything", true)]
    [InlineData("fashion", "fashion", true)]
    [InlineData("fashion", "fashion/shoes", true)]
    [InlineData("fashion", "fashions", false)]
    [InlineData("fashion", "fashion-2", false)]
    [InlineData("factory/", "factory/a", true)]
    [InlineData("factory/", "factory", false)]
    [InlineData("factory/a", "factory", false)]
    public void A_prefix_ends_at_a_slash(string prefix, string name, bool covers) =>
        Assert.Equal(covers, new PublisherKey(TestKeys.Publisher.PublicKey, [prefix]).Covers(name));

    [Fact]
    public void Every_change_is_a_new_version_and_revocation_is_for_ever()
    {
        KeyList first = new KeyList(0, [], []).With(new(TestKeys.Publisher.PublicKey, ["a"])).With(new(TestKeys.Stranger.PublicKey, ["b"]));
        KeyList second = first.With(new(TestKeys.Publisher.PublicKey, ["c"]));
        Assert.Equal((3u, 2, "c"), (second.Version, second.Keys.Count, second.Find(TestKeys.Publisher.PublicKey.Id)!.Prefixes.Single()));

        KeyList third = second.WithRevoked(TestKeys.Publisher.PublicKey.Id);
        Assert.Equal((4u, 1), (third.Version, third.Keys.Count));
        Assert.Null(third.Find(TestKeys.Publisher.PublicKey.Id));
        Assert.Throws<KeyException>(() => third.With(new(TestKeys.Publisher.PublicKey, ["a"])));
        Assert.Throws<KeyException>(() => third.WithRevoked(TestKeys.Publisher.PublicKey.Id));
        Assert.Throws<OverflowException>(() => (third with { Version = uint.MaxValue }).WithRevoked(TestKeys.Stranger.PublicKey.Id));

        KeyList read = KeyListFile.Read(KeyListFile.Write(third, TestKeys.Root), TestKeys.Root.PublicKey, minimumVersion: 4);
        Assert.Equal((4u, TestKeys.Stranger.PublicKey, "b", TestKeys.Publisher.PublicKey.Id),
            (read.Version, read.Keys.Single().PublicKey, read.Keys.Single().Prefixes.Single(), read.Revoked.Single()));
    }

    [Fact]
    public void A_list_that_a_device_would_refuse_is_not_written()
    {
        Assert.Equal("prefix-count", Rule(new KeyList(1, [new(TestKeys.Publisher.PublicKey, [])], [])));
        Assert.Equal("prefix", Rule(new KeyList(1, [new(TestKeys.Publisher.PublicKey, ["Ä"])], [])));
        Assert.Equal("key-count", Rule(new KeyList(1, [.. Enumerable.Range(0, 17).Select(i => new PublisherKey(TestKeys.Of($"k{i}").PublicKey, [""]))], [])));
        string[] long8 = [.. Enumerable.Range(0, 8).Select(i => new string((char)('a' + i), 64))];
        Assert.Equal("size", Rule(new KeyList(1, [.. Enumerable.Range(0, 16).Select(i => new PublisherKey(TestKeys.Of($"k{i}").PublicKey, long8))], [])));
    }

    private static string Rule(KeyList list) => Assert.Throws<ManifestFormatException>(() => KeyListFile.Write(list, TestKeys.Root)).Rule;
}
