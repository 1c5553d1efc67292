using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NfRuntime.Model.Golden;
using NfRuntime.Model.Import;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Reference;
using Xunit;

namespace NfRuntime.Model.Tests.Reference;

/// <summary>Runs golden files through the evaluator; every method returns how much it compared.</summary>
internal static class GoldenRuns
{
    public static Graph Import(string path) => TfliteImporter.Import(File.ReadAllBytes(path), Path.GetFileNameWithoutExtension(path));

    /// <summary>All cases of a file with outputs: input CRCs, output bytes and CRCs. Returns the number of cases.</summary>
    public static int CheckOutputs(string modelPath, GoldenFile golden)
    {
        Graph graph = Import(modelPath);
        ReferenceEvaluator evaluator = new(graph);
        bool first = true;
        foreach (GoldenCase one in golden.Cases)
        {
            if (golden.ResetBetweenCases || first)
            {
                evaluator.Reset();
            }

            first = false;
            IReadOnlyList<byte[]> inputs = LcgInput.ForGraph(graph, one.Seed);
            Assert.Equal(one.InputCrc32, inputs.Select(input => Crc32.Of(input)));
            IReadOnlyList<byte[]> outputs = evaluator.Invoke([.. inputs.Select(input => (ReadOnlyMemory<byte>)input)]);
            Assert.Equal(one.Outputs.Count, outputs.Count);
            for (int i = 0; i < outputs.Count; i++)
            {
                Compare($"{golden.Model}, seed {one.Seed}, output {i}", one.Outputs[i].Bytes.Span, outputs[i]);
                Assert.Equal(one.Outputs[i].Crc32, Crc32.Of(outputs[i]));
            }
        }

        return golden.Cases.Count;
    }

    /// <summary>All cases of a layers file: every operator's output, in order. Returns the number of outputs.</summary>
    public static int CheckLayers(string modelPath, GoldenFile golden)
    {
        Graph graph = Import(modelPath);
        ReferenceEvaluator evaluator = new(graph);
        int compared = 0;
        foreach (GoldenCase one in golden.Cases)
        {
            evaluator.Reset();
            List<(int Op, int Tensor, int Bytes, uint Crc)> seen = [];
            evaluator.Invoke(
                [.. LcgInput.ForGraph(graph, one.Seed).Select(input => (ReadOnlyMemory<byte>)input)],
                (node, tensor, bytes) => seen.Add((node.SourceIndex, graph.Tensors[tensor].SourceIndex, bytes.Length, Crc32.Of(bytes))));
            Assert.Equal(one.Operators.Select(op => (op.SourceIndex, op.TensorSourceIndex, op.ByteCount, op.Crc32)), seen);
            compared += seen.Count;
        }

        return compared;
    }

    /// <summary>Outputs for every record of a sample file, each from reset states; compares them to the golden ones.</summary>
    public static IReadOnlyList<byte[]> CheckSamples(string models, GoldenSamples golden)
    {
        ReferenceEvaluator evaluator = new(Import(Path.Combine(models, golden.Model)));
        ReadOnlyMemory<byte> samples = File.ReadAllBytes(Path.Combine(models, "samples", golden.Samples));
        Assert.Equal(golden.Outputs.Count * golden.RecordBytes, samples.Length);
        List<byte[]> all = [];
        for (int i = 0; i < golden.Outputs.Count; i++)
        {
            evaluator.Reset();
            byte[] output = Assert.Single(evaluator.Invoke([samples.Slice(i * golden.RecordBytes, golden.RecordBytes)]));
            Compare($"{golden.Samples}, record {i}", golden.Outputs[i].Span, output);
            all.Add(output);
        }

        return all;
    }

    private static void Compare(string what, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual)
    {
        Assert.True(expected.Length == actual.Length, $"{what}: {actual.Length} bytes, golden has {expected.Length}");
        int at = expected.CommonPrefixLength(actual);
        Assert.True(
            at == expected.Length,
            $"{what}: byte {at} is {(at < actual.Length ? actual[at] : 0):x2}, golden {(at < expected.Length ? expected[at] : 0):x2}");
    }
}
