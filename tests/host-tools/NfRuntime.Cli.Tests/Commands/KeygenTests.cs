using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using NfRuntime.Cli.Tests.Harness;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Signing;
using Xunit;

namespace NfRuntime.Cli.Tests.Commands;

public class KeygenTests
{
    [Fact]
    public async Task Makes_a_publisher_key_a_root_key_and_a_list_that_the_root_signed()
    {
        using var tool = new Tool();
        using JsonDocument json = JsonDocument.Parse((await tool.RunAsync("keygen", "--json")).Succeeded());
        string keys = Path.Combine(tool.Home, "keys");
        Assert.Equal(["default", "default.pub", "keys.nfrk", "root", "root.pub"], Directory.GetFiles(keys).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        KeyList list = KeyListFile.Read(File.ReadAllBytes(Path.Combine(keys, "keys.nfrk")), KeyFiles.LoadPublic(Path.Combine(keys, "root.pub")));
        PublisherKey key = Assert.Single(list.Keys);
        Assert.Equal((1u, json.RootElement.GetProperty("publisher").GetProperty("id").GetString()), (list.Version, key.PublicKey.Id.Hex));
        Assert.True(key.Covers("any/name"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(keys, "default")));
        }
    }

    [Fact]
    public async Task A_second_key_joins_the_list_with_its_prefixes_and_can_be_revoked()
    {
        using Tool tool = await Tool.WithKeysAsync();
        using JsonDocument made = JsonDocument.Parse((await tool.RunAsync("keygen", "acme", "--prefix", "acme", "--prefix", "lab/x", "--json")).Succeeded());
        string id = made.RootElement.GetProperty("publisher").GetProperty("id").GetString()!;
        Assert.Equal(JsonValueKind.Null, made.RootElement.GetProperty("root").ValueKind);
        KeyList list = Read(tool);
        Assert.Equal((2u, 2), (list.Version, list.Keys.Count));
        Assert.Equal(["acme", "lab/x"], list.Keys[1].Prefixes);

        string text = (await tool.RunAsync("keygen", "--revoke", id)).Succeeded();
        Assert.StartsWith(" key list  version 3, 1 key, 1 revoked   ", text, StringComparison.Ordinal);
        Assert.Equal([id], Read(tool).Revoked.Select(key => key.Hex));
    }

    [Fact]
    public async Task A_key_is_never_overwritten()
    {
        using Tool tool = await Tool.WithKeysAsync();
        byte[] before = File.ReadAllBytes(Path.Combine(tool.Home, "keys", "default"));
        (await tool.RunAsync("keygen")).Failed(3, "CAPSULE5001");
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(tool.Home, "keys", "default")));
        Assert.Equal(1u, Read(tool).Version);
    }

    [Fact]
    public async Task A_root_key_that_cannot_be_opened_leaves_no_publisher_key()
    {
        using var tool = new Tool();
        tool.Variables["NFR_KEY_PASSPHRASE"] = "correct horse";
        (await tool.RunAsync("keygen")).Succeeded();
        tool.Variables["NFR_KEY_PASSPHRASE"] = "wrong";
        (await tool.RunAsync("keygen", "second")).Failed(3, "CAPSULE5001");
        Assert.False(File.Exists(Path.Combine(tool.Home, "keys", "second")));
        Assert.Equal(1u, Read(tool).Version);
    }

    [Fact]
    public async Task A_publisher_key_alone_touches_no_list()
    {
        using var tool = new Tool();
        (await tool.RunAsync("keygen", "acme", "--publisher-only")).Succeeded();
        Assert.Equal(["acme", "acme.pub"], Directory.GetFiles(Path.Combine(tool.Home, "keys")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("root")]
    [InlineData("../key")]
    [InlineData(".hidden")]
    public async Task A_name_is_a_plain_file_name(string name)
    {
        using var tool = new Tool();
        (await tool.RunAsync("keygen", name)).Failed(2, "CAPSULE1003");
        Assert.False(Directory.Exists(tool.Home));
    }

    [Fact]
    public async Task A_passphrase_protects_the_key()
    {
        using var tool = new Tool();
        tool.Variables["NFR_KEY_PASSPHRASE"] = "correct horse";
        (await tool.RunAsync("keygen")).Succeeded();
        Assert.True(KeyFiles.IsEncrypted(Path.Combine(tool.Home, "keys", "default")));
        Repository.RequireRunner();
        (await tool.RunAsync("build", Repository.FashionV1)).Succeeded();
        tool.Variables["NFR_KEY_PASSPHRASE"] = "wrong";
        string error = (await tool.RunAsync("build", Repository.FashionV1)).Failed(3, "CAPSULE5001");
        Assert.DoesNotContain("correct horse", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_key_build_says_how_to_make_one()
    {
        using var tool = new Tool();
        Assert.Equal(
            "CAPSULE5002: There is no key default.\n  capsule keygen makes one; --key FILE names another.\n",
            (await tool.RunAsync("build", Repository.FashionV1)).Failed(3, "CAPSULE5002"));
    }

    private static KeyList Read(Tool tool)
    {
        string keys = Path.Combine(tool.Home, "keys");
        return KeyListFile.Read(File.ReadAllBytes(Path.Combine(keys, "keys.nfrk")), KeyFiles.LoadPublic(Path.Combine(keys, "root.pub")));
    }
}
