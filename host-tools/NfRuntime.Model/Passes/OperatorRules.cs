using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Passes;

/// <summary>What each operator asks of the number, types and shapes of its tensors.</summary>
internal static class OperatorRules
{
    /// <summary>The rule that <paramref name="node"/> breaks, or null.</summary>
    public static string? FindProblem(Graph graph, Node node)
    {
        if (node.Outputs.Count != 1)
        {
            return $"{node.Outputs.Count} outputs";
        }

        (int required, int optional) = Arity(node.Kind);
        if (node.Inputs.Count < required || node.Inputs.Count > required + optional || node.Inputs.Take(node.Kind == OperatorKind.UnidirectionalSequenceLstm ? 1 : required).Contains(-1))
        {
            return $"{node.Inputs.Count} inputs, or a required one is absent";
        }

        Tensor input = graph.Tensors[node.Inputs[0]];
        Tensor output = graph.Tensors[node.Outputs[0]];
        return node.Attributes switch
        {
            Conv2DAttributes => Convolution(graph, node, input, output, depthwise: false),
            DepthwiseConv2DAttributes => Convolution(graph, node, input, output, depthwise: true),
            Pool2DAttributes => Images(input, output) ?? Equal(input.Shape[3], output.Shape[3], "channels"),
            FullyConnectedAttributes => FullyConnected(graph, node, input, output),
            ElementwiseAttributes => Elementwise(graph.Tensors[node.Inputs[0]], graph.Tensors[node.Inputs[1]], output),
            PadAttributes attributes => Pad(attributes, input, output),
            TransposeAttributes attributes => Transpose(attributes, input, output),
            MeanAttributes attributes => Mean(attributes, input, output),
            SoftmaxAttributes => SameShape(input, output),
            PlainAttributes { Kind: OperatorKind.Reshape } => SameType(input, output) ?? Equal(input.ElementCount, output.ElementCount, "elements"),
            PlainAttributes => SameShape(input, output),
            _ => null,
        };
    }

    // TFLite passes axes, shapes and permutations as inputs; the importer resolves them, and may leave them in the list.
    private static (int Required, int Optional) Arity(OperatorKind kind) => kind switch
    {
        OperatorKind.Conv2D or OperatorKind.DepthwiseConv2D or OperatorKind.FullyConnected => (2, 1),
        OperatorKind.Add or OperatorKind.Mul => (2, 0),
        OperatorKind.Svdf => (5, 0),
        OperatorKind.UnidirectionalSequenceLstm => (20, 4),
        OperatorKind.Pad => (1, 2),
        OperatorKind.Reshape or OperatorKind.Transpose or OperatorKind.Mean => (1, 1),
        _ => (1, 0),
    };

    private static string? Convolution(Graph graph, Node node, Tensor input, Tensor output, bool depthwise)
    {
        Tensor weights = graph.Tensors[node.Inputs[1]];
        if (Images(input, output) is { } problem)
        {
            return problem;
        }

        if (weights.Shape.Count != 4)
        {
            return $"weights of rank {weights.Shape.Count}";
        }

        return Equal(depthwise ? weights.Shape[3] : weights.Shape[0], output.Shape[3], "channels")
            ?? (input.Shape[3] % weights.Shape[3] == 0 || depthwise ? null : $"{input.Shape[3]} input channels for weights of {weights.Shape[3]}");
    }

    private static string? FullyConnected(Graph graph, Node node, Tensor input, Tensor output)
    {
        Tensor weights = graph.Tensors[node.Inputs[1]];
        if (weights.Shape.Count != 2 || input.ElementCount % weights.Shape[1] != 0)
        {
            return $"weights [{string.Join(", ", weights.Shape)}] for {input.ElementCount} elements";
        }

        return Equal((long)input.ElementCount / weights.Shape[1] * weights.Shape[0], output.ElementCount, "elements");
    }

    private static string? Elementwise(Tensor a, Tensor b, Tensor output)
    {
        int rank = output.Shape.Count;
        for (int d = 1; d <= rank; d++)
        {
            int extentA = d <= a.Shape.Count ? a.Shape[^d] : 1;
            int extentB = d <= b.Shape.Count ? b.Shape[^d] : 1;
            bool broadcasts = extentA == extentB || extentA == 1 || extentB == 1;
            if (!broadcasts || System.Math.Max(extentA, extentB) != output.Shape[^d])
            {
                return $"extents {extentA} and {extentB} do not broadcast to {output.Shape[^d]}";
            }
        }

        return a.Shape.Count <= rank && b.Shape.Count <= rank ? null : "an input of higher rank than the output";
    }

    private static string? Pad(PadAttributes attributes, Tensor input, Tensor output)
    {
        int rank = input.Shape.Count;
        if (attributes.Before.Count != rank || attributes.After.Count != rank || output.Shape.Count != rank)
        {
            return "ranks of paddings, input and output differ";
        }

        for (int d = 0; d < rank; d++)
        {
            bool fits = attributes.Before[d] >= 0 && attributes.After[d] >= 0
                && (long)input.Shape[d] + attributes.Before[d] + attributes.After[d] == output.Shape[d];
            if (!fits)
            {
                return $"dimension {d}: {attributes.Before[d]} + {input.Shape[d]} + {attributes.After[d]} is not {output.Shape[d]}";
            }
        }

        return SameType(input, output);
    }

    private static string? Transpose(TransposeAttributes attributes, Tensor input, Tensor output)
    {
        int rank = input.Shape.Count;
        bool isPermutation = attributes.Permutation.Count == rank && attributes.Permutation.Order().SequenceEqual(Enumerable.Range(0, rank));
        if (!isPermutation)
        {
            return $"[{string.Join(", ", attributes.Permutation)}] is not a permutation of {rank} dimensions";
        }

        return output.Shape.SequenceEqual(attributes.Permutation.Select(d => input.Shape[d]))
            ? SameType(input, output)
            : $"the output's shape [{string.Join(", ", output.Shape)}] is not the permuted one";
    }

    private static string? Mean(MeanAttributes attributes, Tensor input, Tensor output)
    {
        if (attributes.Axes.Any(axis => axis < 0 || axis >= input.Shape.Count) || attributes.Axes.Distinct().Count() != attributes.Axes.Count)
        {
            return $"axes [{string.Join(", ", attributes.Axes)}] for rank {input.Shape.Count}";
        }

        IEnumerable<int> kept = input.Shape.Where((_, d) => !attributes.Axes.Contains(d));
        long count = kept.Aggregate(1L, (product, extent) => product * extent);
        return Equal(count, output.ElementCount, "elements");
    }

    private static string? Images(Tensor input, Tensor output) =>
        input.Shape.Count == 4 && output.Shape.Count == 4 ? SameType(input, output) ?? Equal(input.Shape[0], output.Shape[0], "batches") : "an image that is not of rank 4";

    private static string? SameShape(Tensor input, Tensor output) =>
        input.Shape.SequenceEqual(output.Shape) ? null : $"shapes [{string.Join(", ", input.Shape)}] and [{string.Join(", ", output.Shape)}] differ";

    private static string? SameType(Tensor input, Tensor output) =>
        input.Type == output.Type ? null : $"types {input.Type} and {output.Type} differ";

    private static string? Equal(long a, long b, string what) => a == b ? null : $"{a} and {b} {what}";
}
