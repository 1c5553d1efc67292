using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Tests.Harness;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Oci;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Passes;
using NfRuntime.Model.Plan;
using Xunit;

namespace NfRuntime.Cli.Tests.Commands;

public partial class BuildTests
{
    public BuildTests() => Repository.RequireRunner();

    [Fact]
    public async Task Says_what_happened_and_ends_with_what_can_be_pasted()
    {
        using Tool tool = await Tool.WithKeysAsync();
        string[] lines = (await tool.RunAsync("build", Repository.FashionV1, "-t", "fashion:1")).Succeeded().TrimEnd().Split('\n');
        Assert.Equal(6, lines.Length);
        Assert.Equal(" import    fashion_v1.tflite         6 operators   12,000 MACs", lines[0]);
        Assert.Matches(@"^ compile   host                      arena [\d,]+ B \(bound [\d,]+ B\)   weights [\d,]+ B   state 0 B$", lines[1]);
        Assert.Matches(@"^           cortex-m4                 arena [\d,]+ B \(bound [\d,]+ B\)   weights [\d,]+ B   state 0 B$", lines[2]);
        Assert.Equal(" vectors   8 from ../images/*.raw    every target bit-exact with the reference, in every operator", lines[3]);
        Assert.Matches("^ sign      key [0-9a-f]{16}      counter 1$", lines[4]);
        Match last = LastLine().Match(lines[5]);
        Assert.True(last.Success, lines[5]);
        (await tool.RunAsync("inspect", last.Groups["digest"].Value)).Succeeded();
    }

    [Fact]
    public async Task Json_has_the_whole_digest()
    {
        using Tool tool = await Tool.WithKeysAsync();
        using JsonDocument json = JsonDocument.Parse((await tool.RunAsync("build", Repository.FashionV1, "-t", "fashion:1", "--json")).Succeeded());
        Assert.Equal(new ImageStore(Path.Combine(tool.Home, "images")).Find("fashion:1").Root.Digest.ToString(), json.RootElement.GetProperty("digest").GetString());
        Assert.Equal(["cortex-m4", "host"], json.RootElement.GetProperty("targets").EnumerateArray().Select(target => target.GetString()));
    }

    [Fact]
    public async Task The_manifest_holds_what_the_project_and_the_plan_say()
    {
        using Tool tool = await Tool.WithKeysAsync();
        (await tool.RunAsync("build", Repository.FashionV1, "-t", "fashion:1")).Succeeded();
        var store = new ImageStore(Path.Combine(tool.Home, "images"));
        ImageVariant variant = store.Variants(store.Find("fashion:1").Root)[0];
        CapsuleManifest manifest = ManifestReader.ReadUnverified(store.Fetch(variant.Manifest.Layers[0]));
        Assert.Equal(("fashion", "1.0.0", 1u, "cortex-m4"), (manifest.Name, manifest.Version, manifest.SecurityCounter, manifest.Target));
        Assert.Equal((100u, 1536u), (manifest.Needs.DeadlineMs, manifest.Needs.StackBytes));

        // (pixel / 255) quantized with scale 1/255 and zero point −128 is pixel − 128.
        var affine = Assert.IsType<IntegerAffine>(Assert.Single(Assert.Single(manifest.Pre).Channels));
        Assert.Equal(Enumerable.Range(-128, 256).Select(q => (long)q), Enumerable.Range(0, 256).Select(affine.Apply));
        Assert.Equal((3, true), (manifest.Post!.TopK, manifest.Post.Labelled));
        GoldenVectors vectors = VectorsFile.Read(store.Fetch(variant.Manifest.Layers.Single(layer => layer.MediaType == MediaTypes.Of(SectionKind.Vectors))));
        byte[] image = File.ReadAllBytes(Path.Combine(Repository.Fashion, "images", "00_t-shirt-top.raw"));
        Assert.Equal(image.Select(pixel => (byte)(pixel - 128)), vectors.Cases[0].Input.ToArray());
        IReadOnlyList<PlanOperator> operators = PlanReader.Read(store.Fetch(variant.Manifest.Layers[1])).Operators;
        Assert.Equal(operators.Count, vectors.OperatorCount);
        Assert.Equal(operators.Select(op => (int)op.Kind).Distinct().Order(), manifest.Operators.Kinds());
    }

    [Fact]
    public async Task A_broken_pass_is_caught_and_nothing_is_signed()
    {
        using Tool tool = await Tool.WithKeysAsync();
        var pass = new WeightFlippingPass();
        tool.Compiler = (graph, options) => ModelCompiler.Compile(options.Target.Name == "cortex-m4" ? pass.Run(graph) : graph, options);
        string error = (await tool.RunAsync("build", Repository.FashionV1, "-t", "fashion:1")).Failed(5, "CAPSULE5010: Target cortex-m4, vector 0 (00_t-shirt-top.raw): operator 0 (CONV_2D, tensor ");
        Assert.Contains("Nothing was signed or stored.", error, StringComparison.Ordinal);
        Assert.Equal(1, pass.Runs);
        Assert.Empty(new ImageStore(Path.Combine(tool.Home, "images")).List());
    }

    [Fact]
    public async Task Interrupted_while_compiling_it_leaves_the_store_as_it_was()
    {
        using Tool tool = await Tool.WithKeysAsync();
        (await tool.RunAsync("build", Repository.FashionV1, "-t", "fashion:1")).Succeeded();
        Dictionary<string, byte[]> before = Snapshot(tool.Home);
        using var interrupt = new CancellationTokenSource();
        tool.Compiler = (graph, options) =>
        {
            interrupt.Cancel();
            return ModelCompiler.Compile(graph, options);
        };
        ToolResult result = await tool.RunAsync(interrupt.Token, "build", Repository.FashionV1, "-t", "fashion:1x");
        Assert.Equal("CAPSULE1020: Interrupted; nothing was left half-written.\n  Run the command again.\n", result.Failed(130, "CAPSULE1020"));
        Assert.Equal(before, Snapshot(tool.Home));
    }

    [Fact]
    public async Task Two_folders_two_time_zones_and_two_commits_give_one_digest()
    {
        using Tool tool = await Tool.WithKeysAsync();
        string first = tool.CopyFashion("a");
        string second = tool.CopyFashion("another/folder/deeper");
        await GitAsync(second, "init", "-q");
        await GitAsync(second, "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "--allow-empty", "-m", "x");
        string[] digests = [await BuildAsync(tool, first, "Asia/Tokyo"), await BuildAsync(tool, second, "America/Los_Angeles"), await BuildAsync(tool, first, "UTC")];
        Assert.Single(digests.Distinct());
    }

    [Fact]
    public async Task Another_version_gives_another_digest()
    {
        using Tool tool = await Tool.WithKeysAsync();
        string project = tool.CopyFashion("a");
        string first = await BuildAsync(tool, project, "UTC");
        Tool.Edit(project, "1.0.0", "1.0.1");
        Assert.NotEqual(first, await BuildAsync(tool, project, "UTC"));
    }

    [Fact]
    public async Task A_second_version_shares_layers_with_the_first()
    {
        using Tool tool = await Tool.WithKeysAsync();
        string project = tool.CopyFashion("a");
        (await tool.RunAsync("build", project, "-t", "fashion:1")).Succeeded();
        Tool.Edit(project, "\"counter\": 1", "\"counter\": 2");
        string text = (await tool.RunAsync("build", project, "-t", "fashion:2")).Succeeded();
        Assert.Matches(@"\([\d,.]+ (B|KB) shared with fashion:1\)\n$", text);
    }

    private static async Task<string> BuildAsync(Tool tool, string project, string timeZone)
    {
        var variables = new Dictionary<string, string> { ["NFR_HOME"] = tool.Home, ["TZ"] = timeZone };
        ToolResult result = await ToolProcess.RunAsync(variables, "build", project, "-t", "fashion:1", "--json");
        using JsonDocument json = JsonDocument.Parse(result.Succeeded());
        return json.RootElement.GetProperty("digest").GetString()!;
    }

    private static async Task GitAsync(string folder, params string[] arguments)
    {
        using Process git = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = folder })!;
        await git.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, git.ExitCode);
    }

    private static Dictionary<string, byte[]> Snapshot(string folder) =>
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(file => file, File.ReadAllBytes);

    [GeneratedRegex(@"^ fashion:1 sha256:(?<digest>[0-9a-f]{12})   [\d,.]+ KB$")]
    private static partial Regex LastLine();

    /// <summary>Changes one bit of the first convolution's weights.</summary>
    private sealed class WeightFlippingPass : IGraphPass
    {
        public int Runs { get; private set; }

        public string Name => "weight flipping";

        public Graph Run(Graph graph)
        {
            Runs++;
            int weights = graph.Nodes.First(node => node.Kind == OperatorKind.Conv2D).Inputs[1];
            byte[] data = graph.Tensors[weights].Data!.Value.ToArray();
            data[0] ^= 0x40;
            Tensor[] tensors = [.. graph.Tensors];
            tensors[weights] = tensors[weights] with { Data = data };
            return graph with { Tensors = tensors };
        }
    }
}
