using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using NfRuntime.Model.Execution;
using NfRuntime.Model.Golden;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan;
using NfRuntime.Model.Reference;
using NfRuntime.Model.Tests.Execution;
using Xunit;

namespace NfRuntime.Model.Tests.Plan;

/// <summary>
/// tests/vectors/plan: the plan of each hand-made graph, and what it computes (by the reference evaluator) for three inputs in
/// a row. With NFR_UPDATE_VECTORS=1 the files are written instead of compared.
/// </summary>
public sealed class PlanVectorTests(RunnerFixture fixture) : IClassFixture<RunnerFixture>
{
    private const int Cases = 3;
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static TheoryData<string> Names => [.. VectorGraphs.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Plan_and_cases_are_the_committed_ones(string name)
    {
        byte[] plan = Compile(name).Blob.ToArray();
        string json = Describe(name);
        string path = Path.Combine(Folder(), name);
        if (Environment.GetEnvironmentVariable("NFR_UPDATE_VECTORS") == "1")
        {
            Directory.CreateDirectory(Folder());
            File.WriteAllBytes(path + ".bin", plan);
            File.WriteAllText(path + ".json", json);
        }

        Assert.Equal(File.ReadAllBytes(path + ".bin"), plan);
        Assert.Equal(File.ReadAllText(path + ".json"), json);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_engine_computes_what_the_reference_does(string name)
    {
        IPlanRunner runner = fixture.Require();
        Graph graph = VectorGraphs.All[name];
        byte[][] expected = [.. Evaluate(graph).Select(one => one.Output)];
        RunCase[] cases = [.. Enumerable.Range(0, Cases).Select(i => new RunCase(Input(graph, i), ResetState: i == 0))];
        foreach (bool keepAll in new[] { false, true })
        {
            CompiledPlan plan = ModelCompiler.Compile(graph, new CompileOptions { KeepAllTensors = keepAll });
            RunResult result = runner.Run(new RunJob(plan.Blob, cases));
            Assert.Equal(0, result.LoadError);
            Assert.Equal(expected, result.Cases.Select(one => one.Output.ToArray()));
        }
    }

    [Fact]
    public void Together_they_have_every_kind()
    {
        PlanKind[] kinds = [.. VectorGraphs.All.Keys.SelectMany(name => Compile(name).Operators).Select(op => op.Kind).Distinct().Order()];
        Assert.Equal(Enum.GetValues<PlanKind>().Where(kind => kind != PlanKind.Chain), kinds);
    }

    private static CompiledPlan Compile(string name) => ModelCompiler.Compile(VectorGraphs.All[name], new CompileOptions());

    private static string Describe(string name)
    {
        CompiledPlan plan = Compile(name);
        var content = new
        {
            plan = name + ".bin",
            arena_bytes = plan.Report.ArenaBytes,
            state_bytes = plan.Report.StateBytes,
            operators = plan.Operators.Select(op => new { kind = op.Kind.ToString(), source = op.SourceOperator }),
            reset_between_cases = false,
            cases = Evaluate(VectorGraphs.All[name]).Select(one => new { input_hex = Convert.ToHexStringLower(one.Input), output_hex = Convert.ToHexStringLower(one.Output) }),
        };
        return JsonSerializer.Serialize(content, Indented).ReplaceLineEndings("\n") + "\n";
    }

    private static IEnumerable<(byte[] Input, byte[] Output)> Evaluate(Graph graph)
    {
        var evaluator = new ReferenceEvaluator(graph);
        evaluator.Reset();
        for (int i = 0; i < Cases; i++)
        {
            IReadOnlyList<byte[]> inputs = LcgInput.ForGraph(graph, (uint)i + 1);
            IReadOnlyList<byte[]> outputs = evaluator.Invoke([.. inputs.Select(input => (ReadOnlyMemory<byte>)input)]);
            yield return (Input(graph, i), [.. outputs.SelectMany(output => output)]);
        }
    }

    private static byte[] Input(Graph graph, int index) => [.. LcgInput.ForGraph(graph, (uint)index + 1).SelectMany(input => input)];

    private static string Folder()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "nf-runtime.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("the tests run outside a checkout");
        }

        return Path.Combine(folder.FullName, "tests", "vectors", "plan");
    }
}
