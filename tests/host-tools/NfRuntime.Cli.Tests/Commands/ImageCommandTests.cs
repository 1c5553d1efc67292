using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using NfRuntime.Cli.Tests.Harness;
using Xunit;

namespace NfRuntime.Cli.Tests.Commands;

public class ImageCommandTests
{
    public ImageCommandTests() => Repository.RequireRunner();

    [Fact]
    public async Task Build_inspect_save_load_verify_run()
    {
        Repository.RequireDevice();
        using Tool maker = await Tool.WithKeysAsync();
        string digest = await BuildAsync(maker, "fashion:1");
        string inspected = (await maker.RunAsync("inspect", "fashion:1")).Succeeded();
        Assert.StartsWith($" fashion:1 sha256:{digest[7..19]}   ", inspected, StringComparison.Ordinal);
        Assert.Contains(" process   input 0 from uint8 samples\n process   output 0 to the best 3, labelled\n", inspected, StringComparison.Ordinal);
        string card = maker.File("card.tar");
        Assert.StartsWith($" {card}   ", (await maker.RunAsync("save", "fashion:1", "-o", card)).Succeeded(), StringComparison.Ordinal);

        using var user = new Tool();
        Assert.Equal($" fashion:1 sha256:{digest[7..19]}\n", (await user.RunAsync("load", card)).Succeeded());
        string[] trust = ["--root-key", Path.Combine(maker.Home, "keys", "root.pub"), "--key-list", Path.Combine(maker.Home, "keys", "keys.nfrk")];
        string verified = (await user.RunAsync(["verify", digest[7..19], .. trust])).Succeeded();
        Assert.Matches(@"^ target    cortex-m4      verified   key [0-9a-f]{16}, may sign fashion   counter 1\n target    host           verified", verified);
        string[] images = [.. Directory.GetFiles(Path.Combine(Repository.Fashion, "images"), "*.raw").Order(StringComparer.Ordinal)];
        ToolResult run = await user.RunAsync(["run", "fashion:1", .. trust, "--truth", Path.Combine(Repository.Fashion, "labels.json"), "--input", .. images]);
        string[] lines = run.Succeeded().Split('\n');
        Assert.Equal($" fashion:1 sha256:{digest[7..19]}   verified, self-test 8/8", lines[0]);
        Assert.Matches(@"^ 00_t-shirt-top\.raw +T-shirt/top +0\.\d{3} +T-shirt/top +right ", lines[2]);
        Assert.Equal(" … 40 more: --verbose", lines[12]);
        Assert.StartsWith(" 39 of 50 right   median ", lines[13], StringComparison.Ordinal);
    }

    // Signed vectors of a model with a streamed chain: what is streamed has no CRC, and the device's self-test passes.
    [Fact]
    public async Task A_capsule_whose_operators_take_turns_tests_itself_on_the_device()
    {
        Repository.RequireDevice();
        string model = Repository.Shared("models/resnet8_ic_int8.tflite");
        using Tool tool = await Tool.WithKeysAsync();
        string project = Path.GetDirectoryName(tool.Write("resnet/capsule.json", ChainProject))!;
        File.Copy(model, Path.Combine(project, "model.tflite"));
        var random = new Random(3);
        for (int i = 0; i < 2; i++)
        {
            byte[] image = new byte[32 * 32 * 3];
            random.NextBytes(image);
            File.WriteAllBytes(Path.Combine(project, $"in{i}.raw"), image);
        }

        (await tool.RunAsync("build", project, "-t", "resnet:1")).Succeeded();
        Assert.Contains("Chain", (await tool.RunAsync("inspect", "resnet:1")).Succeeded(), StringComparison.Ordinal);
        string run = (await tool.RunAsync("run", "resnet:1", "--input", Path.Combine(project, "in0.raw"))).Succeeded();
        Assert.Contains("verified, self-test 2/2", run, StringComparison.Ordinal);
        Assert.Contains("2 passed, 0 failed", (await tool.RunAsync("test", "resnet:1")).Succeeded(), StringComparison.Ordinal);
    }

    private const string ChainProject = """
        {
          "name": "resnet",
          "version": "1.0.0",
          "counter": 1,
          "model": "model.tflite",
          "targets": ["host", "cortex-m4"],
          "processing": { "pre": [{ "input": 0, "source": "uint8", "scale": 1 }], "post": { "output": 0, "topK": 3 } },
          "vectors": { "inputs": "in*.raw", "count": 2 }
        }
        """;

    [Fact]
    public async Task A_device_that_does_not_trust_the_key_refuses()
    {
        Repository.RequireDevice();
        using Tool maker = await Tool.WithKeysAsync();
        await BuildAsync(maker, "fashion:1");
        using Tool stranger = await Tool.WithKeysAsync();
        (await maker.RunAsync("save", "fashion:1", "-o", maker.File("x.tar"))).Succeeded();
        (await stranger.RunAsync("load", maker.File("x.tar"))).Succeeded();
        string image = Path.Combine(Repository.Fashion, "images", "00_t-shirt-top.raw");
        string refusal = (await stranger.RunAsync("run", "fashion:1", "--input", image)).Failed(5, "CAPSULE7001: The device refused: ");
        Assert.Matches("does not verify: .*key [0-9a-f]{16}.*key list", refusal);
        string theirs = Path.Combine(maker.Home, "keys", "root.pub");
        refusal = (await stranger.RunAsync("run", "fashion:1", "--input", image, "--root-key", theirs)).Failed(5, "CAPSULE7001: The device refused: ");
        Assert.Contains("keys.nfrk", refusal, StringComparison.Ordinal);
        (await stranger.RunAsync("verify", "fashion:1")).Failed(1, "CAPSULE5024");
    }

    [Fact]
    public async Task Verify_refuses_a_revoked_key_a_foreign_name_and_a_low_counter()
    {
        using Tool tool = await Tool.WithKeysAsync();
        using JsonDocument acme = JsonDocument.Parse((await tool.RunAsync("keygen", "acme", "--prefix", "acme/", "--json")).Succeeded());
        (await tool.RunAsync("build", Repository.FashionV1, "-t", "fashion:a", "--key", "acme")).Succeeded();
        await BuildAsync(tool, "fashion:1");
        Assert.Contains("may not sign the name fashion", (await tool.RunAsync("verify", "fashion:a")).Failed(1, "CAPSULE5024"), StringComparison.Ordinal);
        (await tool.RunAsync("verify", "fashion:1", "--minimum-counter", "1")).Succeeded();
        Assert.Contains("security counter 1 is below 2", (await tool.RunAsync("verify", "fashion:1", "--minimum-counter", "2")).Failed(1, "CAPSULE5024"), StringComparison.Ordinal);
        using JsonDocument verified = JsonDocument.Parse((await tool.RunAsync("verify", "fashion:1", "--json")).Succeeded());
        string key = verified.RootElement.GetProperty("targets")[0].GetProperty("key").GetString()!;
        (await tool.RunAsync("keygen", "--revoke", key)).Succeeded();
        Assert.Contains("revoked", (await tool.RunAsync("verify", "fashion:1")).Failed(1, "CAPSULE5024"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_blob_is_found()
    {
        using Tool tool = await Tool.WithKeysAsync();
        await BuildAsync(tool, "fashion:1");
        string largest = Directory.GetFiles(Path.Combine(tool.Home, "images", "blobs", "sha256")).MaxBy(file => new FileInfo(file).Length)!;
        byte[] bytes = File.ReadAllBytes(largest);
        bytes[^1] ^= 1;
        File.WriteAllBytes(largest, bytes);
        (await tool.RunAsync("verify", "fashion:1")).Failed(5, "CAPSULE5022");
    }

    [Fact]
    public async Task Tags_name_one_image_and_rm_takes_them_away()
    {
        using Tool tool = await Tool.WithKeysAsync();
        Assert.Equal(" No images. capsule build DIR -t name:tag makes one; capsule load FILE brings one.\n", (await tool.RunAsync("images")).Succeeded());
        string digest = await BuildAsync(tool, "fashion:1");
        Assert.Equal($" fashion:stable sha256:{digest[7..19]}\n", (await tool.RunAsync("tag", digest[7..19], "fashion:stable")).Succeeded());
        string[] rows = (await tool.RunAsync("images")).Succeeded().TrimEnd().Split('\n');
        Assert.Equal(3, rows.Length);
        Assert.Equal(["fashion:stable", digest[7..19], "fashion", "1.0.0", "1"], rows[2].Split(' ', StringSplitOptions.RemoveEmptyEntries)[..5]);
        using JsonDocument json = JsonDocument.Parse((await tool.RunAsync("images", "--json")).Succeeded());
        Assert.Equal(digest, Assert.Single(json.RootElement.EnumerateArray()).GetProperty("digest").GetString());
        Assert.Equal(" removed fashion:1, 0 B freed\n", (await tool.RunAsync("rm", "fashion:1")).Succeeded());
        Assert.Matches(@"^ removed fashion:stable, [1-9][\d,.]* KB freed\n$", (await tool.RunAsync("rm", "fashion:stable")).Succeeded());
        (await tool.RunAsync("inspect", "fashion:stable")).Failed(3, "CAPSULE5021: there is no image fashion:stable.");
    }

    [Fact]
    public async Task Tag_save_load_and_rm_as_json_say_what_they_did()
    {
        using Tool tool = await Tool.WithKeysAsync();
        string digest = await BuildAsync(tool, "fashion:1");
        string card = tool.File("card.tar");
        await JsonIsAsync(tool, $$"""{"tag":"fashion:2","digest":"{{digest}}"}""", "tag", "fashion:1", "fashion:2", "--json");
        using (JsonDocument saved = JsonDocument.Parse((await tool.RunAsync("save", "fashion:1", "-o", card, "--json")).Succeeded()))
        {
            Assert.Equal(["file", "bytes"], saved.RootElement.EnumerateObject().Select(property => property.Name));
            Assert.Equal(card, saved.RootElement.GetProperty("file").GetString());
            Assert.Equal(new FileInfo(card).Length, saved.RootElement.GetProperty("bytes").GetInt64());
        }

        await JsonIsAsync(tool, $$"""[{"untagged":["fashion:1"],"digest":"{{digest}}","freedBytes":0}]""", "rm", "fashion:1", "--json");
        await JsonIsAsync(tool, $$"""[{"tags":["fashion:1","fashion:2"],"digest":"{{digest}}"}]""", "load", card, "--json");
        using JsonDocument removed = JsonDocument.Parse((await tool.RunAsync("rm", "fashion:1", "fashion:2", "--json")).Succeeded());
        Assert.Equal(["fashion:1", "fashion:2"], removed.RootElement.EnumerateArray().Select(one => one.GetProperty("untagged")[0].GetString()));
        Assert.InRange(removed.RootElement[1].GetProperty("freedBytes").GetInt64(), 1024, long.MaxValue);
    }

    [Fact]
    public async Task History_shows_what_is_shared()
    {
        using Tool tool = await Tool.WithKeysAsync();
        await BuildAsync(tool, "fashion:1");
        string project = tool.CopyFashion("p");
        Tool.Edit(project, "1.0.0", "1.0.1");
        (await tool.RunAsync("build", project, "-t", "fashion:1.0.1")).Succeeded();
        using JsonDocument json = JsonDocument.Parse((await tool.RunAsync("history", "fashion:1", "--json")).Succeeded());
        JsonElement[] layers = [.. json.RootElement.EnumerateArray().Where(layer => layer.GetProperty("target").GetString() == "host")];
        Assert.Equal(["capsule.nfrc", "model.nfrp", "vectors.nfrv", "labels.txt"], layers.Select(layer => layer.GetProperty("title").GetString()));
        Assert.Equal([0, 1, 1, 1], layers.Select(layer => layer.GetProperty("alsoIn").GetArrayLength()));
    }

    [Theory]
    [InlineData("load", "no-such-file.tar", "CAPSULE1002")]
    [InlineData("inspect", "no such image", "CAPSULE5021")]
    [InlineData("tag", "fashion:1", "CAPSULE1001")]
    [InlineData("rm", "abcdefabcdef", "CAPSULE5021")]
    [InlineData("run", "fashion:1", "CAPSULE1001")]
    public async Task What_is_not_there_is_an_error(string command, string argument, string code)
    {
        using var tool = new Tool();
        ToolResult result = await tool.RunAsync(command, argument);
        Assert.Contains(code, result.Error, StringComparison.Ordinal);
        Assert.NotEqual(0, result.Exit);
    }

    [Fact]
    public async Task A_file_that_is_no_archive_is_refused()
    {
        using var tool = new Tool();
        (await tool.RunAsync("load", tool.Write("x.tar", new string('x', 2000)))).Failed(5, "CAPSULE5022");
        Assert.False(Directory.Exists(Path.Combine(tool.Home, "images", "blobs")));
    }

    [Theory]
    [InlineData("/bin/false", "CAPSULE7002: The virtual device ended with code 1.")]
    [InlineData("/bin/echo", "CAPSULE7002: The virtual device answered something else than JSON: run --blobs ")]
    [InlineData("/no/such/device", "CAPSULE1010: nfr-device, the virtual device, was not found.")]
    public async Task A_device_that_breaks_off_is_an_error(string device, string message)
    {
        using Tool tool = await Tool.WithKeysAsync();
        await BuildAsync(tool, "fashion:1");
        tool.Variables["NFR_DEVICE"] = device;
        ToolResult result = await tool.RunAsync("run", "fashion:1", "--input", Path.Combine(Repository.Fashion, "images", "00_t-shirt-top.raw"));
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.NotEqual(0, result.Exit);
    }

    [Theory]
    [InlineData("layout 1 needed, not available", "fashion does not fit: weight layout 1 (Smlad) needed, not available (does-not-fit)", "--target host")]
    [InlineData("layout 30 needed, not available", "fashion does not fit: weight layout 30 (unknown to this tool) needed, not available (does-not-fit)", "firmware of this tool's version")]
    [InlineData("arena 9,000 needed, 12 free", "fashion does not fit: arena 9,000 needed, 12 free (does-not-fit)", "capsule inspect")]
    public async Task What_does_not_fit_is_named_with_a_remedy(string deficit, string message, string remedy)
    {
        using Tool tool = await Tool.WithKeysAsync();
        await BuildAsync(tool, "fashion:1");
        string device = tool.Write("device.sh", $$"""
            #!/bin/sh
            echo '{"error":"does-not-fit","message":"fashion does not fit: {{deficit}}"}'
            exit 5
            """);
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("this test's fake device is a shell script");
        }

        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(device, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        tool.Variables["NFR_DEVICE"] = device;
        string error = (await tool.RunAsync("run", "fashion:1", "--input", Path.Combine(Repository.Fashion, "images", "00_t-shirt-top.raw"))).Failed(5, "CAPSULE7001");
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Contains(remedy, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_as_json_has_what_a_fleet_wants_to_know()
    {
        using Tool tool = await Tool.WithKeysAsync();
        string digest = await BuildAsync(tool, "fashion:1");
        using JsonDocument json = JsonDocument.Parse((await tool.RunAsync("inspect", digest, "--json")).Succeeded());
        JsonElement root = json.RootElement;
        Assert.Equal(
            ["tags", "digest", "name", "version", "securityCounter", "model", "modelDigest", "sdk", "bytes", "targets"],
            root.EnumerateObject().Select(property => property.Name));
        JsonElement target = root.GetProperty("targets")[0];
        Assert.Equal(
            ["target", "digest", "key", "needs", "operators", "capabilities", "processor", "processing", "sections", "figures"],
            target.EnumerateObject().Select(property => property.Name));
        Assert.Equal(100, target.GetProperty("needs").GetProperty("deadlineMs").GetInt32());
        Assert.Equal(12_000, target.GetProperty("figures").GetProperty("macs").GetInt64());
    }

    [Fact]
    public async Task A_model_runs_on_raw_tensors()
    {
        using var tool = new Tool();
        byte[] image = File.ReadAllBytes(Path.Combine(Repository.Fashion, "images", "01_trouser.raw"));
        File.WriteAllBytes(tool.File("trouser.bin"), [.. image.Select(pixel => (byte)(pixel - 128))]);
        using JsonDocument json = JsonDocument.Parse((await tool.RunAsync("run", Repository.FashionModel, "--input", tool.File("trouser.bin"), "--json")).Succeeded());
        JsonElement prediction = json.RootElement.GetProperty("predictions")[0];
        Assert.Equal(1, prediction.GetProperty("decision").GetInt32());
        Assert.InRange(prediction.GetProperty("classes")[0].GetProperty("score").GetDouble(), 0.9, 1);
        (await tool.RunAsync("run", Repository.FashionModel, "--input", tool.Write("short.bin", "x"))).Failed(3, "CAPSULE4007");
    }

    private static async Task JsonIsAsync(Tool tool, string expected, params string[] arguments)
    {
        using JsonDocument json = JsonDocument.Parse((await tool.RunAsync(arguments)).Succeeded());
        Assert.Equal(expected, JsonSerializer.Serialize(json.RootElement));
    }

    private static async Task<string> BuildAsync(Tool tool, string tag)
    {
        using JsonDocument json = JsonDocument.Parse((await tool.RunAsync("build", Repository.FashionV1, "-t", tag, "--json")).Succeeded());
        return json.RootElement.GetProperty("digest").GetString()!;
    }
}
