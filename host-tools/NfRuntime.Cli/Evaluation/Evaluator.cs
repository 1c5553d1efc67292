using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Cli.Boards;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Models;
using NfRuntime.Model.Execution;
using NfRuntime.Model.Golden;

namespace NfRuntime.Cli.Evaluation;

/// <summary>What evaluating a model gave.</summary>
/// <param name="Records">Inputs that were run.</param>
/// <param name="Right">Whose class was the label; null without labels.</param>
/// <param name="GoldenMatches">Whose outputs are the golden ones, bit for bit; null without a golden file.</param>
/// <param name="FirstDifference">The first record whose outputs are not, or −1.</param>
internal sealed record Evaluation(int Records, int? Right, int? GoldenMatches, int FirstDifference);

/// <summary>Runs a model over a file of inputs.</summary>
internal sealed class Evaluator(Board board, PlanSource plan)
{
    private const int RecordsPerJob = 50;

    /// <summary>Records of the plan's input size in a file; the state is reset before each.</summary>
    /// <exception cref="ToolException">The file does not hold whole records.</exception>
    public static byte[] ReadRecords(string path, int recordBytes)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new ToolException(ErrorCodes.FileAccess, $"There is no file {path}.", "Give a file of raw input tensors, one after the other.");
        }

        return file.Length > 0 && file.Length <= int.MaxValue && file.Length % recordBytes == 0
            ? File.ReadAllBytes(path)
            : throw new ToolException(ErrorCodes.InputSize, $"{path} has {file.Length:N0} bytes, no whole number of inputs of {recordBytes:N0} bytes.", "The file holds raw input tensors, one after the other.");
    }

    /// <summary>Whether the model is a classifier with the classes that the labels name.</summary>
    /// <exception cref="ToolException">It is not.</exception>
    public void CheckLabels(IReadOnlyList<int> labels, int records)
    {
        PlanTensorInfo output = plan.Outputs[0];
        if (output.Elements < 2 || (plan.Inputs.Count == 1 && output.Elements == plan.Inputs[0].Elements))
        {
            throw new ToolException(
                ErrorCodes.NoClassifier,
                $"{plan.Name} puts out {Text(output.Elements)} for an input of {Text(plan.Inputs[0].Elements)}: not one score a class.",
                "eval counts right classes; compare other models with --golden FILE and without --labels.");
        }

        if (labels.Count != records)
        {
            throw new ToolException(ErrorCodes.DataSet, $"There are {labels.Count} labels for {records} inputs.", "One label for each input.");
        }

        if (labels.Max() >= output.Elements)
        {
            throw new ToolException(ErrorCodes.DataSet, $"A label is class {labels.Max()}, but {plan.Name} has classes 0 to {output.Elements - 1}.", "Are these the labels of this model?");
        }
    }

    /// <summary>Runs every record; <paramref name="progress"/> gets how many are done.</summary>
    public async Task<Evaluation> RunAsync(byte[] records, IReadOnlyList<int>? labels, GoldenSamples? golden, IProgress<int> progress, CancellationToken cancellation)
    {
        int count = records.Length / plan.InputBytes;
        int right = 0, matches = 0, firstDifference = -1;
        for (int start = 0; start < count; start += RecordsPerJob)
        {
            int size = Math.Min(RecordsPerJob, count - start);
            RunResult result = await board.RunAsync(new RunJob(plan.Blob, [.. Enumerable.Range(start, size).Select(i => Record(records, i))]), cancellation).ConfigureAwait(false);
            for (int i = 0; i < size; i++)
            {
                ReadOnlyMemory<byte> output = OutputOf(result.Cases[i], start + i);
                right += labels is not null && Classes.ArgMax(output.Span[..plan.Outputs[0].Bytes], plan.Outputs[0].Type) == labels[start + i] ? 1 : 0;
                bool same = golden is not null && output.Span.SequenceEqual(golden.Outputs[start + i].Span);
                matches += same ? 1 : 0;
                firstDifference = !same && golden is not null && firstDifference < 0 ? start + i : firstDifference;
            }

            progress.Report(start + size);
        }

        return new Evaluation(count, labels is null ? null : right, golden is null ? null : matches, firstDifference);
    }

    private RunCase Record(byte[] records, int index) => new(records.AsMemory(index * plan.InputBytes, plan.InputBytes), ResetState: true);

    private ReadOnlyMemory<byte> OutputOf(RunCaseResult run, int index) => run.Error == 0
        ? run.Output
        : throw new ToolException(ErrorCodes.BoardFailed, $"{board.Name} failed on input {index}: {EngineErrors.Describe(run.Error)}.", "Report this with the model.");

    private static string Text(int values) => values == 1 ? "1 value" : $"{values:N0} values";
}
