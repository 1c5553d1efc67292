using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NfRuntime.Cli.Projects;
using NfRuntime.Model.Golden;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Reference;

namespace NfRuntime.Cli.Building;

/// <summary>A real input and what the reference computes for it.</summary>
/// <param name="Name">File name of the sample.</param>
/// <param name="Input">All input tensors, one after the other.</param>
/// <param name="Output">All output tensors, one after the other.</param>
/// <param name="OperatorCrc32">CRC-32 of the first output of every operator, by its index in the .tflite.</param>
internal sealed record ReferenceVector(string Name, ReadOnlyMemory<byte> Input, ReadOnlyMemory<byte> Output, IReadOnlyDictionary<int, uint> OperatorCrc32);

/// <summary>Computes golden vectors with the reference evaluator, which shares nothing with the compiler and the kernels.</summary>
internal static class ReferenceVectors
{
    /// <summary>One vector a file; the state is reset before each.</summary>
    public static IReadOnlyList<ReferenceVector> Compute(Graph graph, IReadOnlyList<string> files, TensorMaker tensors, VectorFormat format)
    {
        var evaluator = new ReferenceEvaluator(graph);
        return [.. files.Select(file => Compute(evaluator, file, tensors.Make(file, format)))];
    }

    private static ReferenceVector Compute(ReferenceEvaluator evaluator, string file, IReadOnlyList<ReadOnlyMemory<byte>> inputs)
    {
        var checksums = new Dictionary<int, uint>();
        evaluator.Reset();
        IReadOnlyList<byte[]> outputs = evaluator.Invoke(inputs, (node, _, bytes) => checksums.TryAdd(node.SourceIndex, Crc32.Of(bytes)));
        return new ReferenceVector(Path.GetFileName(file), Join(inputs), Join(outputs.Select(output => (ReadOnlyMemory<byte>)output)), checksums);
    }

    private static byte[] Join(IEnumerable<ReadOnlyMemory<byte>> parts) => [.. parts.SelectMany(part => part.ToArray())];
}
