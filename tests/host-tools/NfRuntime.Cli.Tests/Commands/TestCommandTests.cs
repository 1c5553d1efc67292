using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using NfRuntime.Cli.Tests.Harness;
using Xunit;

namespace NfRuntime.Cli.Tests.Commands;

public class TestCommandTests
{
    public TestCommandTests() => Repository.RequireRunner();

    [Fact]
    public async Task A_model_with_its_golden_file_passes_every_case()
    {
        string models = Repository.Shared("models");
        using var tool = new Tool();
        ToolResult result = await tool.RunAsync("test", Path.Combine(models, "kws_ref_model.tflite"), "--golden", Path.Combine(models, "golden", "kws_ref_model.json"));
        Assert.Equal("10 passed, 0 failed\n", result.Succeeded());
    }

    [Fact]
    public async Task The_layers_form_is_recognized_and_compares_every_operator()
    {
        string models = Repository.Shared("models");
        using var tool = new Tool();
        ToolResult result = await tool.RunAsync("test", Path.Combine(models, "kws_ref_model.tflite"), "--golden", Path.Combine(models, "golden", "layers", "kws_ref_model.json"));
        Assert.Equal("39 passed, 0 failed\n", result.Succeeded());
    }

    [Fact]
    public async Task A_wrong_output_byte_is_named()
    {
        string models = Repository.Shared("models");
        using var tool = new Tool();
        string golden = await File.ReadAllTextAsync(Path.Combine(models, "golden", "hello_world_int8.json"), TestContext.Current.CancellationToken);
        using JsonDocument document = JsonDocument.Parse(golden);
        JsonElement output = document.RootElement.GetProperty("cases")[1].GetProperty("outputs")[0];
        byte right = Convert.FromHexString(output.GetProperty("hex").GetString()!)[0];
        byte wrong = (byte)(right ^ 1);
        string changed = golden.Replace($"\"{output.GetProperty("crc32").GetString()}\"", $"\"{NfRuntime.Model.Golden.Crc32.Of([wrong]):x8}\"", StringComparison.Ordinal)
            .Replace($"\"hex\":\"{right:x2}\"", $"\"hex\":\"{wrong:x2}\"", StringComparison.Ordinal);
        ToolResult result = await tool.RunAsync("test", Path.Combine(models, "hello_world_int8.tflite"), "--golden", tool.Write("golden.json", changed));
        Assert.Equal(1, result.Exit);
        Assert.Contains($" failed    hello_world_int8.tflite: seed 2: output byte 0 of 1 is 0x{right:x2}, expected 0x{wrong:x2}\n", result.Out, StringComparison.Ordinal);
        Assert.Matches(@"^\d passed, [1-9]\d* failed$", result.Out.TrimEnd().Split('\n')[^1]);
    }

    [Fact]
    public async Task The_first_wrong_operator_is_named()
    {
        string models = Repository.Shared("models");
        using var tool = new Tool();
        string golden = await File.ReadAllTextAsync(Path.Combine(models, "golden", "layers", "kws_ref_model.json"), TestContext.Current.CancellationToken);
        using JsonDocument document = JsonDocument.Parse(golden);
        string crc = document.RootElement.GetProperty("cases")[0].GetProperty("ops")[3].GetProperty("crc32").GetString()!;
        string file = tool.Write("layers.json", golden.Replace(crc, "00000001", StringComparison.Ordinal));
        ToolResult result = await tool.RunAsync("test", Path.Combine(models, "kws_ref_model.tflite"), "--golden", file, "--layers");
        Assert.Equal(1, result.Exit);
        Assert.StartsWith(" failed    kws_ref_model.tflite: seed 1: operator 3 (DEPTHWISE_CONV_2D, tensor \"functional_1/", result.Out, StringComparison.Ordinal);
        Assert.Contains($"has CRC {crc}, expected 00000001\n38 passed, 1 failed\n", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_golden_file_of_another_model_is_refused()
    {
        string models = Repository.Shared("models");
        using var tool = new Tool();
        ToolResult result = await tool.RunAsync("test", Path.Combine(models, "hello_world_int8.tflite"), "--golden", Path.Combine(models, "golden", "kws_ref_model.json"));
        result.Failed(3, "CAPSULE4001: kws_ref_model.json is of kws_ref_model.tflite with SHA-256 aeea43680070, but hello_world_int8.tflite has 505ee4fae7fa.");
    }

    [Fact]
    public async Task A_folder_is_tested_and_what_is_not_supported_is_left_out()
    {
        string ops = Repository.Shared("models/ops");
        using var tool = new Tool();
        foreach (string name in (string[])["ADD/ADD_i8_000", "ADD/ADD_i8_001", "ARG_MAX/ARG_MAX_i8_000", "ARG_MAX/ARG_MAX_i8_001"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(tool.File($"ops/{name}"))!);
            File.Copy(Path.Combine(ops, name + ".tflite"), tool.File($"ops/{name}.tflite"));
            File.Copy(Path.Combine(ops, name + ".json"), tool.File($"ops/{name}.json"));
        }

        ToolResult result = await tool.RunAsync("test", tool.File("ops"));
        string[] lines = result.Succeeded().Split('\n');
        Assert.Equal(" left out  ARG_MAX/ARG_MAX_i8_000.tflite and 1 more: operator 0 (ARG_MAX) is not supported", lines[0]);
        Assert.Matches(@"^[1-9]\d* passed, 0 failed$", lines[1]);
        using JsonDocument json = JsonDocument.Parse((await tool.RunAsync("test", tool.File("ops"), "--json")).Succeeded());
        Assert.Equal(2, json.RootElement.GetProperty("leftOut").GetInt32());
        Assert.Equal(lines[1], $"{json.RootElement.GetProperty("passed")} passed, {json.RootElement.GetProperty("failed")} failed");
        (await tool.RunAsync("test", tool.File("ops/ARG_MAX"))).Failed(3, "CAPSULE4002: Every model of");
    }

    [Fact]
    public async Task State_runs_on_between_cases_where_the_golden_file_says_so()
    {
        string folder = Repository.Shared("models/ops/SVDF");
        string[] sequences = [.. Directory.GetFiles(folder, "*.json").Where(file => File.ReadAllText(file).Contains("\"reset_between_cases\":false", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        Assert.NotEmpty(sequences);
        using var tool = new Tool();
        string model = Path.ChangeExtension(sequences[0], ".tflite");
        (await tool.RunAsync("test", model, "--golden", sequences[0])).Succeeded();
        string reset = tool.Write("reset.json", File.ReadAllText(sequences[0]).Replace("\"reset_between_cases\":false", "\"reset_between_cases\":true", StringComparison.Ordinal));
        Assert.Equal(1, (await tool.RunAsync("test", model, "--golden", reset)).Exit);
    }

    [Fact]
    public async Task An_image_is_tested_with_its_own_vectors()
    {
        using Tool tool = await Tool.WithKeysAsync();
        (await tool.RunAsync("build", Repository.FashionV1, "-t", "fashion:1")).Succeeded();
        Assert.Equal("8 passed, 0 failed\n", (await tool.RunAsync("test", "fashion:1")).Succeeded());
        (await tool.RunAsync("test", "fashion:1", "--target", "rv32")).Failed(3, "CAPSULE5023: fashion:1 has no target rv32.");
    }

    [Fact]
    public async Task A_missing_runner_says_how_to_get_one()
    {
        using var tool = new Tool();
        tool.Variables["NFR_RUNNER"] = "/no/such/runner";
        string error = (await tool.RunAsync("test", Repository.FashionModel, "--golden", "x.json")).Failed(4, "CAPSULE1010: nfr-runner");
        Assert.Contains("cmake -S firmware", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_board_lists_the_known_ones()
    {
        using var tool = new Tool();
        string error = (await tool.RunAsync("test", Repository.FashionModel, "--golden", "x.json", "--on", "abacus")).Failed(2, "CAPSULE4005");
        Assert.Contains("host, qemu-mps2-an386", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_runner_that_answers_nonsense_is_an_error()
    {
        using var tool = new Tool();
        tool.Variables["NFR_RUNNER"] = "/bin/cat";
        string models = Repository.Shared("models");
        (await tool.RunAsync("test", Path.Combine(models, "hello_world_int8.tflite"), "--golden", Path.Combine(models, "golden", "hello_world_int8.json"))).Failed(5, "CAPSULE4006: host: cat");
    }
}
