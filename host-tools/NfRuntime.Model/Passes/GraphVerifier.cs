using System;
using System.Linq;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Passes;

/// <summary>
/// The rules of the IR: indices, one producer a tensor, produced before read, data as long as the shape says, and each
/// operator's arity, types and shapes (<see cref="OperatorRules"/>).
/// </summary>
public static class GraphVerifier
{
    /// <summary>Largest rank of a tensor.</summary>
    public const int MaxRank = 6;

    /// <summary>The first rule that <paramref name="graph"/> breaks, as a sentence without a full stop, or null.</summary>
    public static string? FindProblem(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return TensorProblem(graph) ?? InterfaceProblem(graph) ?? NodeProblem(graph);
    }

    private static string? TensorProblem(Graph graph)
    {
        for (int i = 0; i < graph.Tensors.Count; i++)
        {
            Tensor tensor = graph.Tensors[i];
            if (tensor.Shape.Count > MaxRank || tensor.Shape.Any(dimension => dimension < 1))
            {
                return $"tensor {i} has the shape [{string.Join(", ", tensor.Shape)}]";
            }

            if (tensor.Shape.Aggregate(1.0, (product, dimension) => product * dimension) * tensor.Type.Size() > int.MaxValue)
            {
                return $"tensor {i} is larger than {int.MaxValue} bytes";
            }

            if (tensor.Data is { } data && (data.Length != tensor.ByteSize || tensor.IsVariable))
            {
                return $"tensor {i} has {data.Length} bytes of data for {tensor.ByteSize}, or is a variable";
            }

            if (tensor.Quantization is { } q && (q.Scales.Count == 0 || q.Scales.Count != q.ZeroPoints.Count || q.Scales.Any(scale => !(scale > 0) || !float.IsFinite(scale))))
            {
                return $"tensor {i} has a quantization without scales, or with one that is not finite and positive";
            }
        }

        return null;
    }

    private static string? InterfaceProblem(Graph graph)
    {
        foreach (int index in graph.Inputs.Concat(graph.Outputs))
        {
            if (!InRange(graph, index))
            {
                return $"the model's input or output refers to tensor {index} of {graph.Tensors.Count}";
            }
        }

        int input = graph.Inputs.FirstOrDefault(index => graph.Tensors[index].IsConstant || graph.Tensors[index].IsVariable, -1);
        if (input >= 0)
        {
            return $"input tensor {input} is a constant or state";
        }

        return graph.Inputs.Distinct().Count() == graph.Inputs.Count ? null : "two inputs are one tensor";
    }

    private static string? NodeProblem(Graph graph)
    {
        var known = new bool[graph.Tensors.Count];
        for (int i = 0; i < known.Length; i++)
        {
            known[i] = graph.Tensors[i].IsConstant || graph.Tensors[i].IsVariable;
        }

        foreach (int input in graph.Inputs)
        {
            known[input] = true;
        }

        foreach (Node node in graph.Nodes)
        {
            if (WiringProblem(graph, node, known) is { } wiring)
            {
                return $"operator {node.SourceIndex} ({node.Kind}) {wiring}";
            }

            if (OperatorRules.FindProblem(graph, node) is { } rule)
            {
                return $"operator {node.SourceIndex} ({node.Kind}): {rule}";
            }
        }

        int missing = graph.Outputs.FirstOrDefault(output => !known[output], -1);
        return missing < 0 ? null : $"nothing produces output tensor {missing}";
    }

    private static string? WiringProblem(Graph graph, Node node, bool[] known)
    {
        foreach (int input in node.Inputs)
        {
            if (input != -1 && !InRange(graph, input))
            {
                return $"reads tensor {input} of {graph.Tensors.Count}";
            }

            if (input >= 0 && !known[input])
            {
                return $"reads tensor {input} before it is produced";
            }
        }

        foreach (int output in node.Outputs)
        {
            if (!InRange(graph, output))
            {
                return $"writes tensor {output} of {graph.Tensors.Count}";
            }

            if (known[output])
            {
                return $"writes tensor {output}, which is an input, a constant, state, or produced already";
            }

            known[output] = true;
        }

        return null;
    }

    private static bool InRange(Graph graph, int index) => index >= 0 && index < graph.Tensors.Count;
}
