using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Boards;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Models;
using NfRuntime.Images.Capsule;
using NfRuntime.Model.Execution;
using NfRuntime.Model.Golden;
using NfRuntime.Model.Plan;

namespace NfRuntime.Cli.Testing;

/// <summary>Runs an image's plan: on its own golden vectors, or on a golden file's inputs.</summary>
internal sealed class ImageTester(Board board, PlanSource plan)
{
    /// <summary>The image's own vectors: outputs, and the CRC-32 of every operator's output. One test a vector.</summary>
    public async Task<TestOutcome> TestVectorsAsync(GoldenVectors vectors, CancellationToken cancellation)
    {
        var job = new RunJob(plan.Blob, [.. vectors.Cases.Select(one => new RunCase(one.Input, one.ResetState))]) { OperatorChecksums = true };
        RunResult result = await board.RunAsync(job, cancellation).ConfigureAwait(false);
        IReadOnlyList<PlanOperator> operators = PlanReader.Read(plan.Blob.Span).Operators;
        string[] failures = [.. vectors.Cases.Select((one, index) => Problem(operators, one, result.Cases[index]) is { } what ? $"vector {index}: {what}" : null).OfType<string>()];
        return new TestOutcome(plan.Name, vectors.Cases.Count - failures.Length, failures);
    }

    /// <summary>A golden file's cases; its layers form is for models, since an image's plan is fused.</summary>
    /// <exception cref="ToolException">The golden file has the layers form.</exception>
    public async Task<TestOutcome> TestGoldenAsync(string path, CancellationToken cancellation)
    {
        GoldenFile golden = GoldenFile.Load(path);
        if (golden.Cases.Any(one => one.Operators.Count > 0))
        {
            throw new ToolException(ErrorCodes.GoldenFile, $"{path} has every layer's output, and the plan of {plan.Name} is fused.", "Test the model with --layers, or the image with a golden file of outputs.");
        }

        var job = new RunJob(plan.Blob, [.. golden.Cases.Select((one, index) => new RunCase(Input(one.Seed), golden.ResetBetweenCases || index == 0))]);
        RunResult result = await board.RunAsync(job, cancellation).ConfigureAwait(false);
        string[] failures = [.. golden.Cases.Zip(result.Cases, GoldenComparison.OutputProblem).OfType<string>()];
        return new TestOutcome(plan.Name, golden.Cases.Count - failures.Length, failures);
    }

    private static string? Problem(IReadOnlyList<PlanOperator> operators, GoldenVector expected, RunCaseResult actual)
    {
        if (actual.Error != 0)
        {
            return $"the inference failed: {EngineErrors.Describe(actual.Error)}";
        }

        for (int i = 0; i < expected.OperatorCrc32.Count; i++)
        {
            if (actual.Operators[i].Crc32 != expected.OperatorCrc32[i])
            {
                return $"operator {operators[i].SourceOperator} ({operators[i].Kind}) has CRC {actual.Operators[i].Crc32:x8}, expected {expected.OperatorCrc32[i]:x8}";
            }
        }

        return actual.Output.Span.SequenceEqual(expected.Output.Span) ? null : "the output differs";
    }

    private byte[] Input(uint seed)
    {
        var generator = new LcgInput(seed);
        return [.. plan.Inputs.SelectMany(input => generator.Next(input.Type, input.Elements))];
    }
}
