using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Passes;

/// <summary>
/// Model outputs lie in the arena and a plan has at least one operator: an output that is a constant or state, and in a
/// graph without operators any output, is copied by a RESHAPE.
/// </summary>
public sealed class OutputMaterialization : IGraphPass
{
    /// <inheritdoc/>
    public string Name => "output materialization";

    /// <inheritdoc/>
    public Graph Run(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        List<Tensor> tensors = [.. graph.Tensors];
        List<Node> nodes = [.. graph.Nodes];
        List<int> outputs = [.. graph.Outputs];
        int source = nodes.Count == 0 ? 0 : nodes.Max(node => node.SourceIndex);
        for (int i = 0; i < outputs.Count; i++)
        {
            Tensor tensor = tensors[outputs[i]];
            if (tensor.IsConstant || tensor.IsVariable || nodes.Count == 0)
            {
                nodes.Add(new Node(source, new PlainAttributes(OperatorKind.Reshape), [outputs[i]], [tensors.Count]));
                outputs[i] = tensors.Count;
                tensors.Add(tensor with { Data = null, IsVariable = false, SourceIndex = -1 });
            }
        }

        return nodes.Count == graph.Nodes.Count ? graph : graph with { Tensors = tensors, Nodes = nodes, Outputs = outputs };
    }
}
