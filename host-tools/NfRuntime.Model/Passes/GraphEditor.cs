using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Passes;

/// <summary>A graph being changed by a pass.</summary>
internal sealed class GraphEditor(Graph graph)
{
    public List<Tensor> Tensors { get; } = [.. graph.Tensors];

    /// <summary>Nodes in order; null where one was removed.</summary>
    public List<Node?> Nodes { get; } = [.. graph.Nodes];

    public bool Changed { get; private set; }

    public bool IsOutput(int tensor) => graph.Outputs.Contains(tensor);

    /// <summary>Positions of the nodes that read <paramref name="tensor"/>.</summary>
    public List<int> ConsumersOf(int tensor) =>
        [.. Enumerable.Range(0, Nodes.Count).Where(index => Nodes[index]?.Inputs.Contains(tensor) == true)];

    /// <summary>The node that writes <paramref name="tensor"/>, or null.</summary>
    public Node? ProducerOf(int tensor) => Nodes.FirstOrDefault(node => node?.Outputs.Contains(tensor) == true);

    public void Replace(int position, Node? node)
    {
        Nodes[position] = node;
        Changed = true;
    }

    public void ReplaceTensor(int index, Tensor tensor)
    {
        Tensors[index] = tensor;
        Changed = true;
    }

    /// <summary>Lets all nodes read <paramref name="replacement"/> in place of <paramref name="tensor"/>.</summary>
    public void ReplaceUses(int tensor, int replacement)
    {
        foreach (int position in ConsumersOf(tensor))
        {
            Node node = Nodes[position]!;
            Replace(position, node with { Inputs = [.. node.Inputs.Select(input => input == tensor ? replacement : input)] });
        }
    }

    public Graph ToGraph() => Changed
        ? graph with { Tensors = Tensors, Nodes = [.. Nodes.Where(node => node is not null).Select(node => node!)] }
        : graph;
}
