using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using NfRuntime.Cli.Tests.Boards;
using NfRuntime.Cli.Tests.Harness;
using Xunit;

namespace NfRuntime.Cli.Tests.Commands;

public class BoardCheckTests
{
    private static readonly string Model = Path.Combine(Repository.Fashion, "v2", "fashion_v2.tflite");

    [Fact]
    public async Task A_model_that_fits_is_exit_code_0()
    {
        using var tool = Create();
        string text = (await tool.RunAsync("board", "check", "--board", "esp32", "--model", Model)).Succeeded();
        Assert.Contains("esp32   ESP32 with 4 MB of flash, no PSRAM   [not run on hardware]", text, StringComparison.Ordinal);
        Assert.Contains(" yes   fashion_v2 ", text, StringComparison.Ordinal);
        Assert.EndsWith("1 of 1 fit\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_board_that_is_too_small_is_exit_code_1_and_a_sentence()
    {
        using var tool = Create();
        string board = Small(tool, "\"arenaBytes\": 9000", "\"arenaBytes\": 900");
        ToolResult result = await tool.RunAsync("board", "check", "--board", board, "--model", Model);
        Assert.Equal(1, result.Exit);
        Assert.Contains(" no: flash, arena  fashion_v2 ", result.Out, StringComparison.Ordinal);
        Assert.Contains("b is too small for fashion_v2: it needs ", result.Out, StringComparison.Ordinal);
        Assert.Contains(" B of arena, ", result.Out, StringComparison.Ordinal);
        Assert.EndsWith("0 of 1 fit\n", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_has_needs_and_room()
    {
        using var tool = Create();
        ToolResult result = await tool.RunAsync("board", "check", "--board", Small(tool), "--board", "virtual", "--model", Model, "--vectors", "3", "--json");
        Assert.Equal(1, result.Exit);
        JsonElement root = JsonDocument.Parse(result.Out).RootElement;
        Assert.Equal((3, false), (root.GetProperty("vectors").GetInt32(), root.GetProperty("fits").GetBoolean()));
        JsonElement[] boards = [.. root.GetProperty("boards").EnumerateArray()];
        Assert.Equal(["b", "virtual"], boards.Select(board => board.GetProperty("name").GetString()));
        JsonElement capsule = boards[0].GetProperty("capsules")[0];
        JsonElement flash = capsule.GetProperty("demands")[0];
        Assert.Equal(("flash", 65536L), (flash.GetProperty("what").GetString(), flash.GetProperty("there").GetInt64()));
        Assert.Equal(flash.GetProperty("needed").GetInt64() - 65536, flash.GetProperty("missing").GetInt64());
        Assert.StartsWith("b is too small for fashion_v2", capsule.GetProperty("sentence").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, boards[1].GetProperty("capsules")[0].GetProperty("sentence").ValueKind);
    }

    [Fact]
    public async Task More_vectors_need_more_flash()
    {
        using var tool = Create();
        long few = await FlashAsync(tool, "1");
        Assert.True(await FlashAsync(tool, "64") >= few + (3 * 63 * 784));
        (await tool.RunAsync("board", "check", "--model", Model, "--vectors", "65")).Failed(2, "CAPSULE1003");
    }

    [Fact]
    public async Task The_engine_says_how_long_a_slice_is_needed()
    {
        Repository.RequireRunner();
        using var tool = Create();
        ToolResult result = await tool.RunAsync("board", "check", "--board", Small(tool, "\"sliceInstructions\": 200000", "\"sliceInstructions\": 100"), "--model", Model);
        Assert.Equal(1, result.Exit);
        Assert.Matches("slices of some [0-9,]+ instructions, [0-9,]+ more than the board's 100", result.Out);
    }

    [Fact]
    public async Task Without_the_runner_slices_are_not_known_and_said_so()
    {
        using var tool = Create();
        tool.Variables["NFR_RUNNER"] = tool.File("missing");
        string text = (await tool.RunAsync("board", "check", "--board", "virtual", "--model", Model)).Succeeded();
        Assert.Contains("slices not, for nfr-runner is not built", text, StringComparison.Ordinal);
        Assert.Contains("  ?\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_shared_model_is_checked_on_every_board_and_fits_the_terminal()
    {
        int models = Directory.GetFiles(Repository.Shared("models"), "*.tflite").Length;
        foreach (int width in (int[])[80, 120])
        {
            using var tool = Create(width);
            ToolResult result = await tool.RunAsync("board", "check");
            Assert.Equal(1, result.Exit);
            string[] lines = result.Out.Split('\n');
            int boards = lines.Count(line => line.Contains("(room)", StringComparison.Ordinal));
            Assert.Equal(5, boards);
            Assert.Equal(boards * models, lines.Count(line => line.StartsWith(" yes ", StringComparison.Ordinal) || line.StartsWith(" no: ", StringComparison.Ordinal)));
            Assert.All(lines, line => Assert.True(line.Length <= width, $"{line.Length} columns: {line}"));
        }
    }

    [Fact]
    public async Task An_image_is_checked_with_its_own_sections()
    {
        using Tool tool = await Tool.WithKeysAsync();
        tool.Variables["NFR_ROOT"] = Repository.Root;
        (await tool.RunAsync("build", Repository.FashionV1, "-t", "fashion:1")).Succeeded();
        string text = (await tool.RunAsync("board", "check", "--board", "virtual", "--model", "fashion:1")).Succeeded();
        Assert.Contains(" yes   fashion:1 ", text, StringComparison.Ordinal);
        (await tool.RunAsync("board", "check", "--board", "esp32", "--model", "fashion:1")).Failed(3, "CAPSULE5023");
    }

    [Fact]
    public async Task What_is_not_there_is_named()
    {
        using var tool = Create();
        Assert.Contains("virtual", (await tool.RunAsync("board", "check", "--board", "toaster")).Failed(2, "CAPSULE4005"), StringComparison.Ordinal);
        (await tool.RunAsync("board", "check", "--model", tool.File("x.tflite"))).Failed(3, "CAPSULE2001");
        (await tool.RunAsync("board", "check", "--board", tool.Write("b/board.json", "{"))).Failed(3, "CAPSULE4008");
        tool.Variables["NFR_ROOT"] = tool.Home;
        (await tool.RunAsync("board", "check", "--model", Model)).Failed(4, "CAPSULE1010");
        (await tool.RunAsync("board", "check", "--board", Small(tool))).Failed(3, "CAPSULE4002");
    }

    private static async Task<long> FlashAsync(Tool tool, string vectors)
    {
        string text = (await tool.RunAsync("board", "check", "--board", "virtual", "--model", Model, "--vectors", vectors, "--json")).Succeeded();
        return JsonDocument.Parse(text).RootElement.GetProperty("boards")[0].GetProperty("capsules")[0].GetProperty("demands")[0].GetProperty("needed").GetInt64();
    }

    private static string Small(Tool tool, string from = "\"b\"", string to = "\"b\"") =>
        tool.Write("b/board.json", BoardFileTests.Valid.Replace(from, to, StringComparison.Ordinal));

    private static Tool Create(int? width = null)
    {
        var tool = new Tool { OutWidth = width };
        tool.Variables["NFR_ROOT"] = Repository.Root;
        return tool;
    }
}
