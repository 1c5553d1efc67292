using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Tests.EndToEnd;

/// <summary>Makes a graph that fails a check smaller as long as it fails: less outputs, an end earlier, a beginning later.</summary>
internal static class GraphShrinker
{
    private const int MaxInputs = 8;

    /// <param name="graph">A graph for which <paramref name="fails"/> is true.</param>
    /// <param name="fails">The check; called often.</param>
    public static Graph Shrink(Graph graph, Func<Graph, bool> fails)
    {
        while (Smaller(graph).FirstOrDefault(fails) is { } smaller)
        {
            graph = smaller;
        }

        return graph;
    }

    /// <summary>The graph as text: an operator a line.</summary>
    public static string Describe(Graph graph)
    {
        IEnumerable<string> lines = graph.Nodes.Select(node =>
            $"  {node.SourceIndex}: {Text(graph, node.Outputs[0])} = {node.Attributes} ({string.Join(", ", node.Inputs.Select(input => Text(graph, input)))})");
        return $"inputs {string.Join(", ", graph.Inputs.Select(input => Text(graph, input)))}; outputs {string.Join(", ", graph.Outputs)}\n{string.Join('\n', lines)}";
    }

    private static string Text(Graph graph, int index)
    {
        if (index < 0)
        {
            return "none";
        }

        Tensor tensor = graph.Tensors[index];
        string sort = tensor.IsConstant ? "constant " : tensor.IsVariable ? "state " : string.Empty;
        return $"{sort}{index}:{tensor.Type}[{string.Join(",", tensor.Shape)}]·{tensor.Quantization?.Scale}·{tensor.Quantization?.ZeroPoint}";
    }

    private static IEnumerable<Graph> Smaller(Graph graph)
    {
        if (graph.Outputs.Count > 1)
        {
            foreach (int output in graph.Outputs.Distinct())
            {
                yield return Prune(graph with { Outputs = [output] });
            }

            for (int i = 0; i < graph.Outputs.Count; i++)
            {
                yield return Prune(graph with { Outputs = [.. graph.Outputs.Where((_, other) => other != i)] });
            }
        }

        if (graph.Outputs.Count == 1)
        {
            foreach (Node node in graph.Nodes.Where(node => node.Outputs[0] != graph.Outputs[0]))
            {
                yield return Prune(graph with { Outputs = node.Outputs });
            }
        }

        foreach (Node node in graph.Nodes.Where(node => graph.Tensors[node.Outputs[0]].Type != ElementType.Int32 && !graph.Outputs.Contains(node.Outputs[0])))
        {
            Graph later = Prune(graph with { Nodes = [.. graph.Nodes.Where(other => other != node)], Inputs = [.. graph.Inputs, node.Outputs[0]] });
            if (later.Inputs.Count <= MaxInputs)
            {
                yield return later;
            }
        }
    }

    // Without operators and inputs that the outputs do not need; one input stays.
    private static Graph Prune(Graph graph)
    {
        var needed = new HashSet<int>(graph.Outputs);
        var nodes = new List<Node>();
        foreach (Node node in graph.Nodes.Reverse().Where(node => needed.Contains(node.Outputs[0])))
        {
            nodes.Insert(0, node);
            needed.UnionWith(node.Inputs);
        }

        List<int> inputs = [.. graph.Inputs.Where(needed.Contains)];
        return graph with { Nodes = nodes, Inputs = inputs.Count > 0 ? inputs : [graph.Inputs[0]] };
    }
}
