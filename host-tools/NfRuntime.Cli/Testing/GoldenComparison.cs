using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Cli.Boards;
using NfRuntime.Cli.Output;
using NfRuntime.Model.Execution;
using NfRuntime.Model.Golden;
using NfRuntime.Model.Ir;

namespace NfRuntime.Cli.Testing;

/// <summary>Compares what a board computed with a golden file.</summary>
internal static class GoldenComparison
{
    /// <summary>One test a case: CRC-32 and every byte of the outputs.</summary>
    public static TestOutcome Outputs(string name, GoldenFile golden, RunResult result)
    {
        string[] failures = [.. golden.Cases.Zip(result.Cases, OutputProblem).OfType<string>()];
        return new TestOutcome(name, golden.Cases.Count - failures.Length, failures);
    }

    /// <summary>One test an operator output and case; the first wrong operator of a case comes first.</summary>
    public static TestOutcome Layers(string name, Graph graph, GoldenFile golden, RunResult result)
    {
        List<string> failures = [];
        int passed = 0;
        foreach ((GoldenCase item, RunCaseResult run) in golden.Cases.Zip(result.Cases))
        {
            foreach (GoldenOperator expected in item.Operators)
            {
                if (OperatorProblem(graph, expected, run) is { } problem)
                {
                    failures.Add($"seed {item.Seed}: {problem}");
                }
                else
                {
                    passed++;
                }
            }
        }

        return new TestOutcome(name, passed, failures);
    }

    /// <summary>What is wrong with a case's outputs; null when nothing is.</summary>
    public static string? OutputProblem(GoldenCase item, RunCaseResult run)
    {
        byte[] expected = [.. item.Outputs.SelectMany(output => output.Bytes.ToArray())];
        if (run.Error != 0)
        {
            return $"seed {item.Seed}: the inference failed: {EngineErrors.Describe(run.Error)}";
        }

        ReadOnlySpan<byte> actual = run.Output.Span;
        if (actual.SequenceEqual(expected))
        {
            return run.Crc32 == Crc32.Of(expected) ? null : $"seed {item.Seed}: the outputs are right, but the runner says CRC {run.Crc32:x8}";
        }

        int at = actual.CommonPrefixLength(expected);
        return at == Math.Min(actual.Length, expected.Length)
            ? $"seed {item.Seed}: {actual.Length} output bytes, {expected.Length} expected"
            : $"seed {item.Seed}: output byte {at} of {expected.Length}{OutputIndex(item, at)} is 0x{actual[at]:x2}, expected 0x{expected[at]:x2}";
    }

    // Only where there are several.
    private static string OutputIndex(GoldenCase item, int at)
    {
        int output = 0;
        while (at >= item.Outputs[output].Bytes.Length)
        {
            at -= item.Outputs[output++].Bytes.Length;
        }

        return item.Outputs.Count == 1 ? string.Empty : $" (output {output}, byte {at})";
    }

    private static string? OperatorProblem(Graph graph, GoldenOperator expected, RunCaseResult run)
    {
        string tensor = graph.Tensors.FirstOrDefault(t => t.SourceIndex == expected.TensorSourceIndex)?.Name ?? string.Empty;
        string where = $"operator {expected.SourceIndex} ({expected.Name}, tensor \"{Printable.TensorName(tensor)}\")";
        if (run.Error != 0)
        {
            return $"{where} was not reached: {EngineErrors.Describe(run.Error)}";
        }

        OperatorChecksum? actual = run.Operators.FirstOrDefault(op => op.SourceOperator == expected.SourceIndex);
        return actual switch
        {
            null => $"{where} did not run",
            _ when actual.Bytes != expected.ByteCount => $"{where} has {actual.Bytes} bytes, expected {expected.ByteCount}",
            _ when actual.Crc32 != expected.Crc32 => $"{where} has CRC {actual.Crc32:x8}, expected {expected.Crc32:x8}",
            _ => null,
        };
    }
}
