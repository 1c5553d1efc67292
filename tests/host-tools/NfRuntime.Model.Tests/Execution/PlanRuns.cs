using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NfRuntime.Model.Execution;
using NfRuntime.Model.Golden;
using NfRuntime.Model.Import;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan;
using Xunit;

namespace NfRuntime.Model.Tests.Execution;

/// <summary>One runner for the tests of a class; skips them, saying why, when it is not built.</summary>
public sealed class RunnerFixture : IDisposable
{
    private RunnerClient? _client;

    public IPlanRunner Require()
    {
        if (RunnerLocator.Find() is null)
        {
            Assert.Skip($"nfr-runner is not built (artifacts/firmware/host) nor named in {RunnerLocator.Variable}: the engine was not tested");
        }

        return _client ??= RunnerClient.Start();
    }

    public void Dispose() => _client?.Dispose();
}

/// <summary>Compiles models, runs them in the engine, compares with goldens; every method returns how much it compared.</summary>
internal static class PlanRuns
{
    public static Graph Import(string path) => TfliteImporter.Import(File.ReadAllBytes(path), Path.GetFileNameWithoutExtension(path));

    /// <summary>All cases of a file with outputs. Returns the number of cases.</summary>
    public static int CheckOutputs(IPlanRunner runner, string modelPath, GoldenFile golden, bool keepAll, string target = "host")
    {
        Graph graph = Import(modelPath);
        CompiledPlan plan = ModelCompiler.Compile(graph, new CompileOptions { KeepAllTensors = keepAll, Target = TargetDescription.ByName(target) });
        var cases = new List<RunCase>();
        foreach (GoldenCase one in golden.Cases)
        {
            cases.Add(new RunCase(Inputs(graph, one.Seed), golden.ResetBetweenCases || cases.Count == 0));
        }

        RunResult result = Run(runner, new RunJob(plan.Blob, cases));
        Assert.Equal((plan.Report.ArenaBytes, plan.Report.StateBytes), (result.ArenaBytes, result.StateBytes));
        for (int i = 0; i < cases.Count; i++)
        {
            byte[] expected = [.. golden.Cases[i].Outputs.SelectMany(output => output.Bytes.ToArray())];
            Assert.Equal(0, result.Cases[i].Error);
            Compare($"{golden.Model}, seed {golden.Cases[i].Seed}", expected, result.Cases[i].Output.Span);
        }

        return cases.Count;
    }

    /// <summary>All cases of a layers file: every operator's output, in order. Returns the number of outputs.</summary>
    public static int CheckLayers(IPlanRunner runner, string modelPath, GoldenFile golden)
    {
        Graph graph = Import(modelPath);
        CompiledPlan plan = ModelCompiler.Compile(graph, new CompileOptions { KeepAllTensors = true });
        RunCase[] cases = [.. golden.Cases.Select(one => new RunCase(Inputs(graph, one.Seed), ResetState: true))];
        RunResult result = Run(runner, new RunJob(plan.Blob, cases) { OperatorChecksums = true, OutputBytes = false });
        int compared = 0;
        for (int i = 0; i < cases.Length; i++)
        {
            Assert.Equal(0, result.Cases[i].Error);
            Assert.Equal(
                golden.Cases[i].Operators.Select(op => new OperatorChecksum((uint)op.SourceIndex, (uint)op.ByteCount, op.Crc32)),
                result.Cases[i].Operators);
            compared += result.Cases[i].Operators.Count;
        }

        return compared;
    }

    /// <summary>Every record of a sample file, each from reset states. Returns the number of records.</summary>
    public static int CheckSamples(IPlanRunner runner, string models, GoldenSamples golden)
    {
        Graph graph = Import(Path.Combine(models, golden.Model));
        CompiledPlan plan = ModelCompiler.Compile(graph, new CompileOptions());
        ReadOnlyMemory<byte> samples = File.ReadAllBytes(Path.Combine(models, "samples", golden.Samples));
        RunCase[] cases = [.. golden.Outputs.Select((_, i) => new RunCase(samples.Slice(i * golden.RecordBytes, golden.RecordBytes), ResetState: true))];
        RunResult result = Run(runner, new RunJob(plan.Blob, cases));
        for (int i = 0; i < cases.Length; i++)
        {
            Compare($"{golden.Samples}, record {i}", golden.Outputs[i].Span, result.Cases[i].Output.Span);
        }

        return cases.Length;
    }

    private static RunResult Run(IPlanRunner runner, RunJob job)
    {
        RunResult result = runner.Run(job);
        Assert.True(result.LoadError == 0, $"the engine refuses the plan with {result.LoadError}");
        return result;
    }

    private static byte[] Inputs(Graph graph, uint seed) => [.. LcgInput.ForGraph(graph, seed).SelectMany(input => input)];

    private static void Compare(string what, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual)
    {
        Assert.True(expected.Length == actual.Length, $"{what}: {actual.Length} bytes, golden has {expected.Length}");
        int at = expected.CommonPrefixLength(actual);
        Assert.True(at == expected.Length, $"{what}: byte {at} of {expected.Length} differs from the golden");
    }
}
