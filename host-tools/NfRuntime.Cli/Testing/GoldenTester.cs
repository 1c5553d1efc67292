using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Boards;
using NfRuntime.Cli.Models;
using NfRuntime.Model.Execution;
using NfRuntime.Model.Golden;
using NfRuntime.Model.Import;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan;

namespace NfRuntime.Cli.Testing;

/// <summary>Compiles a model, runs it on a board with a golden file's inputs, and compares.</summary>
/// <param name="board">Where plans run.</param>
/// <param name="target">What they are compiled for.</param>
internal sealed class GoldenTester(Board board, TargetDescription target)
{
    /// <summary>Tests one model; one that asks for something unsupported is left out.</summary>
    public async Task<TestOutcome> TestOrLeaveOutAsync(GoldenPair pair, CancellationToken cancellation)
    {
        try
        {
            return await TestAsync(pair, cancellation).ConfigureAwait(false);
        }
        catch (ModelImportException e) when (e.Problems.Any(problem => problem.Kind == ModelProblemKind.Unsupported))
        {
            return new TestOutcome(pair.Name, 0, [], e.Problems.First(problem => problem.Kind == ModelProblemKind.Unsupported).ToString());
        }
        catch (Exception e) when (e is ModelImportException or CompileException or GoldenFileException)
        {
            return new TestOutcome(pair.Name, 0, [e.Message]);
        }
    }

    /// <summary>Tests one model.</summary>
    /// <exception cref="ModelImportException">It cannot be imported.</exception>
    /// <exception cref="GoldenFileException">The golden file is none, or of another model.</exception>
    public async Task<TestOutcome> TestAsync(GoldenPair pair, CancellationToken cancellation)
    {
        Graph graph = await ModelFile.ImportAsync(pair.Model, cancellation).ConfigureAwait(false);
        GoldenFile golden = GoldenFile.Load(pair.Golden);
        CheckModel(pair, golden);
        bool layers = golden.Cases[0].Operators.Count > 0;
        CompiledPlan plan = ModelCompiler.Compile(graph, new CompileOptions { Target = target, KeepAllTensors = layers });
        var job = new RunJob(plan.Blob, [.. golden.Cases.Select((item, index) => ToCase(graph, golden, item, index))]) { OperatorChecksums = layers };
        RunResult result = await board.RunAsync(job, cancellation).ConfigureAwait(false);
        return layers ? GoldenComparison.Layers(pair.Name, graph, golden, result) : GoldenComparison.Outputs(pair.Name, golden, result);
    }

    private static RunCase ToCase(Graph graph, GoldenFile golden, GoldenCase item, int index)
    {
        IReadOnlyList<byte[]> inputs = LcgInput.ForGraph(graph, item.Seed);
        for (int i = 0; i < item.InputCrc32.Count; i++)
        {
            if (i >= inputs.Count || Crc32.Of(inputs[i]) != item.InputCrc32[i])
            {
                throw new GoldenFileException($"seed {item.Seed}: the generator gives other bytes for input {i} than the golden file says");
            }
        }

        return new RunCase(inputs.SelectMany(bytes => bytes).ToArray(), golden.ResetBetweenCases || index == 0);
    }

    private static void CheckModel(GoldenPair pair, GoldenFile golden)
    {
        if (golden.ModelSha256 is not { } expected)
        {
            return;
        }

        using FileStream stream = File.OpenRead(pair.Model);
        string actual = Convert.ToHexStringLower(SHA256.HashData(stream));
        if (actual != expected)
        {
            throw new GoldenFileException($"{Path.GetFileName(pair.Golden)} is of {golden.Model} with SHA-256 {expected[..12]}, but {pair.Name} has {actual[..12]}");
        }
    }
}
