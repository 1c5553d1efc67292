using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Boards;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Output;
using NfRuntime.Images.Capsule;
using NfRuntime.Model.Execution;
using NfRuntime.Model.Plan;

namespace NfRuntime.Cli.Building;

/// <summary>Runs a target's plan on the engine and demands what the reference computed, bit for bit, in every operator.</summary>
internal static class TargetProof
{
    /// <summary>The golden vectors of a plan that passed.</summary>
    /// <exception cref="ToolException">A result differs: <see cref="ErrorCodes.ResultDiffers"/>.</exception>
    public static async Task<GoldenVectors> ProveAsync(Board board, string target, CompiledPlan plan, IReadOnlyList<ReferenceVector> vectors, CancellationToken cancellation)
    {
        var job = new RunJob(plan.Blob, [.. vectors.Select(vector => new RunCase(vector.Input, ResetState: true))]) { OperatorChecksums = true };
        RunResult result = await board.RunAsync(job, cancellation).ConfigureAwait(false);
        for (int i = 0; i < vectors.Count; i++)
        {
            Compare(target, plan, i, vectors[i], result.Cases[i]);
        }

        return new GoldenVectors(
            vectors[0].Input.Length,
            vectors[0].Output.Length,
            plan.Operators.Count,
            [.. vectors.Zip(result.Cases, (vector, run) => new GoldenVector(ResetState: true, vector.Input, vector.Output, [.. run.Operators.Select(op => op.Crc32)]))]);
    }

    private static void Compare(string target, CompiledPlan plan, int index, ReferenceVector vector, RunCaseResult run)
    {
        string where = $"Target {target}, vector {index} ({vector.Name})";
        if (run.Error != 0)
        {
            throw Differs($"{where}: the inference failed: {EngineErrors.Describe(run.Error)}");
        }

        foreach ((PlanOperatorInfo info, OperatorChecksum actual) in plan.Operators.Zip(run.Operators))
        {
            if (info.HasOutput && vector.OperatorCrc32.TryGetValue(info.SourceOperator, out uint expected) && actual.Crc32 != expected)
            {
                throw Differs($"{where}: operator {info.SourceOperator} ({info.SourceName}, tensor \"{Printable.TensorName(info.OutputName)}\") has CRC {actual.Crc32:x8}, and the reference {expected:x8}");
            }
        }

        if (!run.Output.Span.SequenceEqual(vector.Output.Span))
        {
            throw Differs($"{where}: byte {run.Output.Span.CommonPrefixLength(vector.Output.Span)} of the output differs from the reference, with every operator alike");
        }
    }

    private static ToolException Differs(string what) =>
        new(ErrorCodes.ResultDiffers, $"{what}.", "Nothing was signed or stored. This is a defect of compiler or kernels: report it with the model.");
}
