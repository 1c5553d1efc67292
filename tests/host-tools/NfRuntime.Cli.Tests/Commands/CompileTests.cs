using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using NfRuntime.Cli.Tests.Harness;
using NfRuntime.Model.Import;
using NfRuntime.Model.Plan;
using Xunit;

namespace NfRuntime.Cli.Tests.Commands;

public class CompileTests
{
    private static readonly CompiledPlan Plan = ModelCompiler.Compile(
        TfliteImporter.Import(File.ReadAllBytes(Repository.FashionModel), "fashion_v1"), new CompileOptions { Target = TargetDescription.ByName("cortex-m4") });

    [Fact]
    public async Task Says_what_the_model_costs_in_two_lines()
    {
        using var tool = new Tool();
        PlanReport report = Plan.Report;
        Assert.Equal(
            $" import    fashion_v1.tflite        {report.Rows.Count} operators    12,000 MACs\n"
            + $" compile   cortex-m4                arena {N(report.ArenaBytes)} B (bound {N(report.LivenessBound)} B)   weights {N(report.WeightBytes)} B   state 0 B\n",
            (await tool.RunAsync("compile", Repository.FashionModel, "--target", "cortex-m4")).Succeeded());
    }

    [Fact]
    public async Task Writes_the_plan_that_the_compiler_makes()
    {
        using var tool = new Tool();
        string file = tool.File("out/model.nfrp");
        (await tool.RunAsync("compile", Repository.FashionModel, "--target", "cortex-m4", "-o", file)).Succeeded();
        Assert.Equal(Plan.Blob.ToArray(), await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        Assert.Equal(["model.nfrp"], Directory.GetFiles(Path.GetDirectoryName(file)!).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Report_lists_operators_and_the_peak()
    {
        using var tool = new Tool();
        string text = (await tool.RunAsync("compile", Repository.FashionModel, "--target", "cortex-m4", "--report")).Succeeded();
        string[] lines = text.Split('\n');
        Assert.Equal(" fashion_v1.tflite for cortex-m4", lines[0]);
        Assert.Equal(["#", "SOURCE", "OPERATOR", "OUTPUT", "MACS", "WEIGHTS", "ARENA", "TENSOR"], lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        foreach (PlanReportRow row in Plan.Report.Rows)
        {
            string[] cells = lines[2 + row.Index].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal([$"{row.Index}", $"{row.SourceOperator}", Plan.Operators[row.Index].SourceName, string.Join('×', row.OutputShape), N(row.Macs), N(row.WeightBytes)], cells[..6]);
            Assert.Equal(N(row.LiveBytes) + (row.Index == Plan.Report.PeakOperator ? "*" : string.Empty), cells[6]);
        }

        string[] totals = ["operators", "MACs", "weights", "plan", "state", "arena", "saved by", "peak (*)", "why not less"];
        Assert.Equal(totals, lines.Skip(3 + Plan.Report.Rows.Count).Where(line => line.Length > 0 && line[1] != ' ').Select(line => line[1..16].TrimEnd()).Distinct());
        Assert.Contains($"operator {Plan.Report.Rows[Plan.Report.PeakOperator].SourceOperator} (", text, StringComparison.Ordinal);
    }

    // What lies at the peak adds up to the arena, and a chain's members stand below it.
    [Fact]
    public async Task Report_says_what_lies_at_the_peak_and_which_operators_take_turns()
    {
        string model = Repository.Shared("models/resnet8_ic_int8.tflite");
        using var tool = new Tool { Compiler = (graph, options) => ModelCompiler.Compile(graph, options with { Streaming = Streaming.LeastMemory }) };
        string text = (await tool.RunAsync("compile", model, "--target", "cortex-m4", "--report")).Succeeded();
        using JsonDocument json = JsonDocument.Parse((await tool.RunAsync("compile", model, "--target", "cortex-m4", "--json")).Succeeded());
        JsonElement memory = json.RootElement.GetProperty("memory");
        long arena = memory.GetProperty("bytes").GetInt64();
        Assert.Equal(arena, json.RootElement.GetProperty("arenaBytes").GetInt64());
        Assert.Equal(arena, memory.GetProperty("peak").EnumerateArray().Sum(one => one.GetProperty("bytes").GetInt64()) - memory.GetProperty("sharedBytes").GetInt64());
        Assert.Contains("Streamed", memory.GetProperty("peak").EnumerateArray().Select(one => one.GetProperty("role").GetString()));
        JsonElement chain = memory.GetProperty("chains")[0];
        JsonElement[] rows = [.. json.RootElement.GetProperty("operators").EnumerateArray()];
        Assert.Equal((0, "CHAIN", chain.GetProperty("members").GetInt32()), (chain.GetProperty("row").GetInt32(), rows[0].GetProperty("name").GetString(), rows[0].GetProperty("members").GetInt32()));
        Assert.Contains($" arena           {N(arena)} B; ", text, StringComparison.Ordinal);
        Assert.Contains(" chain           operators 0 (CONV_2D) to ", text, StringComparison.Ordinal);
        Assert.Contains("rows that are passed on in the chain, and its scratch", text, StringComparison.Ordinal);
        Assert.Matches(@"\n  1 +0    CONV_2D +1×32×32×16 .* \|   \d+ of 32 rows at a time\n", text);
        Assert.NotEmpty(memory.GetProperty("reasons").EnumerateArray());
    }

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(100)]
    public async Task On_a_terminal_no_line_is_longer_than_it_is_wide(int columns)
    {
        using var tool = new Tool { OutWidth = columns };
        string text = (await tool.RunAsync("compile", Repository.FashionModel, "--target", "cortex-m4", "--report")).Succeeded();
        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= Math.Max(columns, 72), $"{line.Length} columns: {line}"));
        using var wide = new Tool();
        string whole = (await wide.RunAsync("compile", Repository.FashionModel, "--target", "cortex-m4", "--report")).Succeeded();
        Assert.Contains(whole.Split('\n'), line => line.Length > 100);
        Assert.DoesNotContain('…', whole);
    }

    [Fact]
    public async Task Json_has_the_same_figures()
    {
        using var tool = new Tool();
        using JsonDocument json = JsonDocument.Parse((await tool.RunAsync("compile", Repository.FashionModel, "--target", "cortex-m4", "--json")).Succeeded());
        JsonElement root = json.RootElement;
        PlanReport report = Plan.Report;
        Assert.Equal("cortex-m4", root.GetProperty("target").GetString());
        (string, long)[] figures =
        [
            ("macs", report.Macs), ("weightBytes", report.WeightBytes), ("constantBytes", report.ConstantBytes), ("modelConstantBytes", report.ModelConstantBytes),
            ("planBytes", report.PlanBytes), ("stateBytes", report.StateBytes), ("arenaBytes", report.ArenaBytes), ("scratchBytes", report.ScratchBytes),
            ("livenessBound", report.LivenessBound), ("peakOperator", report.PeakOperator), ("inPlaceOperators", report.InPlaceOperators),
            ("overlappingOperators", report.OverlappingOperators),
        ];
        Assert.All(figures, figure => Assert.Equal(figure.Item2, root.GetProperty(figure.Item1).GetInt64()));
        Assert.Equal(Plan.Operators.Select(info => info.SourceName), root.GetProperty("operators").EnumerateArray().Select(op => op.GetProperty("name").GetString()));
        Assert.Equal([1, 28, 28, 1], root.GetProperty("inputs")[0].GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt32()));
    }

    [Fact]
    public async Task Layers_keeps_every_operator_of_the_model()
    {
        using var tool = new Tool();
        using JsonDocument json = JsonDocument.Parse((await tool.RunAsync("compile", Repository.FashionModel, "--layers", "--json")).Succeeded());
        Assert.Equal([0, 1, 2, 3, 4, 5], json.RootElement.GetProperty("operators").EnumerateArray().Select(op => op.GetProperty("sourceOperator").GetInt32()));
    }

    [Fact]
    public async Task An_unknown_target_lists_the_known_ones()
    {
        using var tool = new Tool();
        string error = (await tool.RunAsync("compile", Repository.FashionModel, "--target", "z80")).Failed(2, "CAPSULE2005: There is no target \"z80\".");
        Assert.Contains("host, cortex-m4", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_supported_is_named_with_its_operator()
    {
        string model = Repository.Shared("models/ops/ARG_MAX/ARG_MAX_i8_000.tflite");
        using var tool = new Tool();
        Assert.Equal(
            "CAPSULE2003: operator 0 (ARG_MAX) is not supported.\n  Convert the model with full-integer int8 quantization.\n",
            (await tool.RunAsync("compile", model)).Failed(3, "CAPSULE2003"));
    }

    private static string N(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
