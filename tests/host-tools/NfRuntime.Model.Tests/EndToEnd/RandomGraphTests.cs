using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using NfRuntime.Model.Execution;
using NfRuntime.Model.Golden;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Passes;
using NfRuntime.Model.Plan;
using NfRuntime.Model.Reference;
using NfRuntime.Model.Tests.Execution;
using Xunit;

namespace NfRuntime.Model.Tests.EndToEnd;

/// <summary>
/// Random graphs, bit for bit: the reference evaluator on the graph as it is, against itself on the optimized graph, and
/// against the engine on both of its plans. NFR_TEST_ITERATIONS sets the number of graphs (default 500), NFR_TEST_SEED the
/// first seed (default 1); a failure names its seed and shows the smallest graph found that still fails.
/// </summary>
public sealed class RandomGraphTests(RunnerFixture fixture) : IClassFixture<RunnerFixture>
{
    private const int Cases = 3;

    private static readonly int Graphs = Number("NFR_TEST_ITERATIONS", 500);
    private static readonly int FirstSeed = Number("NFR_TEST_SEED", 1);

    [Fact]
    public void Passes_change_no_result()
    {
        var kinds = new HashSet<OperatorKind>();
        int fused = 0;
        int removed = 0;
        int reordered = 0;
        foreach (int seed in Enumerable.Range(FirstSeed, Graphs))
        {
            Graph graph = RandomGraph.Create(seed);
            Check(seed, graph, PassesProblem);
            kinds.UnionWith(graph.Nodes.Select(node => node.Kind));
            fused += Changed(new PadFusion(), graph);
            removed += Changed(new IdentityElimination(), graph);
            reordered += Changed(new OperatorOrdering(), graph);
        }

        Assert.Equal(Enum.GetValues<OperatorKind>(), kinds.Order());
        Assert.True(Math.Min(fused, Math.Min(removed, reordered)) > Graphs / 20, $"of {Graphs} graphs {fused} were fused, {removed} shortened, {reordered} reordered");
    }

    [Fact]
    public void The_engine_computes_what_the_reference_does()
    {
        IPlanRunner runner = fixture.Require();
        var kinds = new HashSet<PlanKind>();
        int inPlace = 0;
        foreach (int seed in Enumerable.Range(FirstSeed, Graphs))
        {
            Graph graph = RandomGraph.Create(seed);
            uint budget = (seed % 3) switch { 0 => 1u, 1 => 2000u, _ => 0u };
            Check(seed, graph, one => EngineProblem(one, runner, budget, Target(seed)));
            CompiledPlan plan = ModelCompiler.Compile(graph, new CompileOptions());
            kinds.UnionWith(plan.Operators.Select(op => op.Kind));
            inPlace += plan.Report.InPlaceOperators;
        }

        Assert.Equal(Enum.GetValues<PlanKind>().Where(kind => kind != PlanKind.Chain), kinds.Order());
        Assert.True(inPlace > Graphs / 2, $"{inPlace} operators in {Graphs} graphs were computed in place");
    }

    [Fact]
    public void Chains_of_windows_are_streamed_or_lie_over_each_other_and_compute_what_the_reference_does()
    {
        IPlanRunner runner = fixture.Require();
        int overlapping = 0;
        int descending = 0;
        int streamed = 0;
        int chains = 0;
        int useful = 0;
        foreach (int seed in Enumerable.Range(FirstSeed, Graphs))
        {
            Graph graph = RandomWindowChain.Create(seed);
            uint budget = (seed % 3) switch { 0 => 1u, 1 => 2000u, _ => 0u };
            Check(seed, graph, one => EngineProblem(one, runner, budget, Target(seed)));
            CompiledPlan plan = ModelCompiler.Compile(graph, new CompileOptions { Streaming = Streaming.Off });
            overlapping += plan.Report.OverlappingOperators;
            descending += PlanReader.Read(plan.Blob.Span).Operators.Count(IsDescending);
            useful += ModelCompiler.Compile(graph, new CompileOptions { Streaming = Streaming.LeastMemory }).Operators.Count(op => op.Kind == PlanKind.Chain);
            plan = ModelCompiler.Compile(graph, RandomChains.Options);
            streamed += plan.Operators.Count(op => !op.HasOutput && op.Kind != PlanKind.Chain);
            chains += plan.Operators.Count(op => op.Kind == PlanKind.Chain);
        }

        Assert.True(overlapping > Graphs && descending > Graphs / 4, $"{overlapping} outputs over their input in {Graphs} graphs, {descending} with descending rows");
        Assert.True(useful > Graphs / 10 && chains > Graphs / 2 && streamed > chains, $"{useful} useful chains in {Graphs} graphs; {chains} random ones that stream {streamed} tensors");
    }

    private static bool IsDescending(PlanOperator op) => op.Kind switch
    {
        PlanKind.Conv2D or PlanKind.DepthwiseConv2D => op.Parameters.Span[32] == 1,
        PlanKind.AveragePool2D or PlanKind.MaxPool2D => op.Parameters.Span[28] == 1,
        _ => false,
    };

    // Every second graph has the layouts of a Cortex-M4, which the host's engine runs too.
    private static TargetDescription Target(int seed) => seed % 2 == 0 ? TargetDescription.Host : TargetDescription.ByName("cortex-m4");

    private static int Changed(IGraphPass pass, Graph graph) => pass.Run(graph).Nodes.SequenceEqual(graph.Nodes) ? 0 : 1;

    private static void Check(int seed, Graph graph, Func<Graph, string?> problem)
    {
        if (problem(graph) is not null)
        {
            Graph small = GraphShrinker.Shrink(graph, one => problem(one) is not null);
            Assert.Fail($"NFR_TEST_SEED={seed}: {problem(small)}\n{GraphShrinker.Describe(small)}");
        }
    }

    private static string? PassesProblem(Graph graph)
    {
        try
        {
            Graph optimized = PassPipeline.Default.Run(graph);
            return Difference("optimized", Evaluate(graph, null), Evaluate(optimized, null));
        }
        catch (Exception e) when (e is GraphVerificationException or NotSupportedException)
        {
            return e.Message;
        }
    }

    private static string? EngineProblem(Graph graph, IPlanRunner runner, uint budget, TargetDescription target)
    {
        try
        {
            var sums = new List<OperatorChecksum>[Cases];
            byte[][] expected = Evaluate(graph, sums);
            return RunProblem("optimized plan", graph, new CompileOptions { Streaming = Streaming.LeastMemory }, expected, null)
                ?? RunProblem("plan with random chains", graph, RandomChains.Options, expected, null)
                ?? RunProblem("plan without chains", graph, new CompileOptions { Streaming = Streaming.Off }, expected, null)
                ?? RunProblem("plan with all tensors", graph, new CompileOptions { KeepAllTensors = true }, expected, sums);
        }
        catch (Exception e) when (e is CompileException or GraphVerificationException or NotSupportedException or RunnerException)
        {
            return e.Message;
        }

        string? RunProblem(string name, Graph of, CompileOptions options, byte[][] expected, List<OperatorChecksum>[]? sums)
        {
            CompiledPlan plan = ModelCompiler.Compile(of, options with { Target = target });
            RunCase[] cases = [.. Enumerable.Range(0, Cases).Select(i => new RunCase(Inputs(of, i).SelectMany(input => input).ToArray(), ResetState: i == 0))];
            RunResult result = runner.Run(new RunJob(plan.Blob, cases) { Budget = budget, OperatorChecksums = sums is not null });
            if (result.LoadError != 0 || result.Cases.Any(one => one.Error != 0))
            {
                return $"{name}: load error {result.LoadError}, run errors {string.Join(", ", result.Cases.Select(one => one.Error))}";
            }

            for (int i = 0; sums is not null && i < Cases; i++)
            {
                // What follows the source's operators only copies outputs.
                if (!result.Cases[i].Operators.Take(sums[i].Count).SequenceEqual(sums[i]))
                {
                    return $"{name}, case {i}: an operator's output differs: {string.Join(", ", result.Cases[i].Operators)}; expected {string.Join(", ", sums[i])}";
                }
            }

            return Difference(name, expected, [.. result.Cases.Select(one => one.Output.ToArray())]);
        }
    }

    private static string? Difference(string name, byte[][] expected, byte[][] actual)
    {
        int differs = Enumerable.Range(0, Cases).FirstOrDefault(i => !expected[i].AsSpan().SequenceEqual(actual[i]), -1);
        return differs < 0
            ? null
            : $"{name}, case {differs}: byte {expected[differs].AsSpan().CommonPrefixLength(actual[differs])} of {expected[differs].Length} ({actual[differs].Length} computed) differs";
    }

    // The outputs of each case one after the other; operators' checksums go to sums.
    private static byte[][] Evaluate(Graph graph, List<OperatorChecksum>[]? sums)
    {
        var evaluator = new ReferenceEvaluator(graph);
        var outputs = new byte[Cases][];
        for (int i = 0; i < Cases; i++)
        {
            var seen = new List<OperatorChecksum>();
            ReadOnlyMemory<byte>[] inputs = [.. Inputs(graph, i).Select(input => (ReadOnlyMemory<byte>)input)];
            outputs[i] = [.. evaluator.Invoke(inputs, (node, _, bytes) => seen.Add(new OperatorChecksum((uint)node.SourceIndex, (uint)bytes.Length, Crc32.Of(bytes)))).SelectMany(output => output)];
            if (sums is not null)
            {
                sums[i] = seen;
            }
        }

        return outputs;
    }

    private static IReadOnlyList<byte[]> Inputs(Graph graph, int index) => LcgInput.ForGraph(graph, (uint)index + 1);

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 ? number : otherwise;
}
