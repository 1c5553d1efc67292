using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Execution;
using NfRuntime.Model.Golden;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Passes;
using NfRuntime.Model.Plan;
using NfRuntime.Model.Reference;
using Xunit;

namespace NfRuntime.Model.Tests.Execution;

/// <summary>Random graphs: the engine on an optimized plan, the engine on a plan that keeps all tensors, and the evaluator agree.</summary>
public sealed class RandomGraphTests(RunnerFixture fixture) : IClassFixture<RunnerFixture>
{
    private const int Graphs = 400;
    private const int Cases = 2;

    [Fact]
    public void Passes_and_plans_keep_what_a_graph_computes()
    {
        IPlanRunner runner = fixture.Require();
        int shortened = 0;
        int inPlace = 0;
        for (int seed = 0; seed < Graphs; seed++)
        {
            Graph graph = RandomGraphs.Create(seed);
            byte[][] expected = [.. Enumerable.Range(0, Cases).Select(i => Evaluate(graph, i))];
            CompiledPlan plan = ModelCompiler.Compile(graph, new CompileOptions());
            Assert.Equal(expected, Run(runner, seed, graph, plan));
            Assert.Equal(expected, Run(runner, seed, graph, ModelCompiler.Compile(graph, new CompileOptions { KeepAllTensors = true })));
            shortened += plan.Operators.Count < graph.Nodes.Count ? 1 : 0;
            inPlace += plan.Report.InPlaceOperators;
        }

        Assert.True(shortened > Graphs / 2 && inPlace > Graphs / 2, $"{shortened} graphs were shortened, {inPlace} operators ran in place");
    }

    [Fact]
    public void Some_graphs_are_reordered()
    {
        int reordered = Enumerable.Range(0, Graphs).Count(seed =>
        {
            Graph graph = new PassPipeline([new DeadCodeElimination()]).Run(RandomGraphs.Create(seed));
            return !ReferenceEquals(graph, new OperatorOrdering().Run(graph));
        });
        Assert.True(reordered >= 5, $"{reordered} of {Graphs} graphs");
    }

    private static byte[][] Run(IPlanRunner runner, int seed, Graph graph, CompiledPlan plan)
    {
        RunResult result = runner.Run(new RunJob(plan.Blob, [.. Enumerable.Range(0, Cases).Select(i => new RunCase(Input(graph, i), ResetState: true))]));
        Assert.True(result.LoadError == 0, $"seed {seed}: the engine refuses the plan with {result.LoadError}");
        return [.. result.Cases.Select(one => one.Output.ToArray())];
    }

    private static byte[] Evaluate(Graph graph, int index)
    {
        IReadOnlyList<byte[]> outputs = new ReferenceEvaluator(graph).Invoke([.. LcgInput.ForGraph(graph, (uint)index).Select(input => (ReadOnlyMemory<byte>)input)]);
        return [.. outputs.SelectMany(output => output)];
    }

    private static byte[] Input(Graph graph, int index) => [.. LcgInput.ForGraph(graph, (uint)index).SelectMany(input => input)];
}
