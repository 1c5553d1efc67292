using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using NfRuntime.Cli.Tests.Harness;
using NfRuntime.Images.Store;
using NfRuntime.Images.Tests.Store;
using Xunit;

namespace NfRuntime.Cli.Tests.Commands;

public class StoreInspectTests
{
    [Fact]
    public async Task A_store_is_shown_with_map_journal_names_blobs_and_space()
    {
        using var tool = new Tool();
        string text = (await tool.RunAsync("store", "inspect", Write(tool, SampleStore.Create().Bytes), "--verify")).Succeeded();
        foreach (string expected in (string[])[
            "version 2   device 5f1c0a22a7e40b13", "generation 41   key list version 3 in slot 1", "epoch 2   time at least 2025-06-15",
            "4 × 4,096 B at 0x0", "32 × 4,096 B at 0x4000", "##|", "X|", "gg|", "..|", "a character",
            "chain START", "fashion   confirmed  confirmed", "candidate  fetching", "keywords  rejected   self-test 3",
            "writing 2/6", "nobody", "complete, intact", "vectors of fashion (confirmed), vectors of fashion (candidate)", "problems  none"])
        {
            Assert.Contains(expected, text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(80, 32 * 4096, 4096)]
    [InlineData(120, 32 * 4096, 4096)]
    [InlineData(80, 8 << 20, 4096)]
    [InlineData(120, 64 << 20, 65536)]
    [InlineData(80, 3 * (256 << 10), 256 << 10)]
    public async Task It_fits_the_terminal(int width, int bytes, int block)
    {
        using var tool = new Tool { OutWidth = width };
        FlashWriter flash = SampleStore.Create(SampleStore.Small with { BlobBytes = (uint)bytes, BlobBlockBytes = (uint)block });
        flash.Add(12, RecordType.Name, StoreContents.Name(new string('n', 64), [(4, 10, [2, 3, 7, 4, 6, 9]), (3, 20, [2, 3, 7, 4, 6, 9]), (7, 9, [2, 3, 7, 4, 6, 9])]));
        string[] lines = (await tool.RunAsync("store", "inspect", Write(tool, flash.Bytes))).Succeeded().Split('\n');
        Assert.InRange(lines.Count(line => line.StartsWith(" 0x", StringComparison.Ordinal)), 1, 16);
        Assert.All(lines, line => Assert.True(line.Length <= width, $"{line.Length} columns: {line}"));
    }

    [Fact]
    public async Task Json_has_all_of_it()
    {
        using var tool = new Tool();
        string text = (await tool.RunAsync("store", "inspect", Write(tool, SampleStore.Create().Bytes), "--json")).Succeeded();
        JsonElement root = JsonDocument.Parse(text).RootElement;
        Assert.Equal("5f1c0a22a7e40b13", root.GetProperty("device").GetString());
        Assert.Equal(8, root.GetProperty("blobs").GetArrayLength());
        Assert.Equal("fetching", root.GetProperty("names")[0].GetProperty("versions")[1].GetProperty("state").GetString());
        Assert.Equal(32 * 4096, root.GetProperty("space").GetProperty("map").EnumerateArray().Sum(segment => segment.GetProperty("bytes").GetInt64()));
        Assert.Equal(JsonValueKind.Null, root.GetProperty("blobs")[0].GetProperty("intact").ValueKind);
        Assert.Equal(0, root.GetProperty("problems").GetArrayLength());
    }

    [Fact]
    public async Task An_altered_blob_is_exit_code_1_when_blobs_are_hashed()
    {
        using var tool = new Tool();
        FlashWriter flash = SampleStore.Create();
        flash.Bytes[flash.Geometry.JournalBytes + 1100] ^= 1;
        string file = Write(tool, flash.Bytes);
        (await tool.RunAsync("store", "inspect", file)).Succeeded();
        ToolResult verified = await tool.RunAsync("store", "inspect", file, "--verify");
        Assert.Equal(1, verified.Exit);
        Assert.Contains("complete, ALTERED", verified.Out, StringComparison.Ordinal);
        Assert.Contains(" problem         The blob sha256:", verified.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dump_takes_offsets()
    {
        using var tool = new Tool();
        byte[] flash = SampleStore.Create().Bytes;
        string file = Write(tool, [.. new byte[0x2345], .. flash]);
        (await tool.RunAsync("store", "inspect", file)).Failed(3, "CAPSULE7010");
        Assert.Contains("problems  none", (await tool.RunAsync("store", "inspect", file, "--journal", "0x2345:16384")).Succeeded(), StringComparison.Ordinal);
        Assert.Contains("problems  none", (await tool.RunAsync("store", "inspect", file, "--journal", "9029", "--blobs", "0x6345", "--verify")).Succeeded(), StringComparison.Ordinal);
        (await tool.RunAsync("store", "inspect", file, "--journal", "0x2345:8192")).Failed(3, "16,384 bytes by its headers, not 8,192");
        (await tool.RunAsync("store", "inspect", file, "--journal", "0x23ff99999:1")).Failed(2, "CAPSULE1003");
        (await tool.RunAsync("store", "inspect", file, "--blobs", "-1")).Failed(2, "CAPSULE1003");
    }

    [Fact]
    public async Task Names_of_strangers_cannot_move_the_cursor()
    {
        using var tool = new Tool();
        FlashWriter flash = SampleStore.Create().Add(12, RecordType.Name, StoreContents.Name("\u001b[2Jx", [(5, 0, [99])])).Seal();
        string text = (await tool.RunAsync("store", "inspect", Write(tool, flash.Bytes))).Succeeded();
        Assert.DoesNotContain('\u001b', text);
        Assert.Contains("slot 99 is empty", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100_000)]
    public async Task Garbage_is_one_error_with_a_remedy(int bytes)
    {
        using var tool = new Tool();
        string error = (await tool.RunAsync("store", "inspect", Write(tool, StoreContents.Data(bytes, 3)))).Failed(3, "CAPSULE7010: ");
        Assert.Contains("begins with its journal", error, StringComparison.Ordinal);
        (await tool.RunAsync("store", "inspect", tool.File("missing"))).Failed(3, "CAPSULE1002");
        (await tool.RunAsync("store", "inspect", Write(tool, []))).Failed(3, "CAPSULE1002");
    }

    private static string Write(Tool tool, byte[] bytes)
    {
        string file = tool.File("device.flash");
        File.WriteAllBytes(file, bytes);
        return file;
    }
}
