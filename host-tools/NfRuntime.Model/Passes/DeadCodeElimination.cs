using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Passes;

/// <summary>
/// Removes operators on whose results neither an output nor kept state depends. An operator with state stays when another
/// kept operator reads the same state.
/// </summary>
public sealed class DeadCodeElimination : IGraphPass
{
    /// <inheritdoc/>
    public string Name => "dead code elimination";

    /// <inheritdoc/>
    public Graph Run(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var needed = new HashSet<int>(graph.Outputs);
        var kept = new bool[graph.Nodes.Count];
        bool changed = true;
        while (changed)
        {
            changed = false;
            for (int i = graph.Nodes.Count - 1; i >= 0; i--)
            {
                Node node = graph.Nodes[i];
                if (!kept[i] && node.Outputs.Concat(StateOf(graph, node)).Any(needed.Contains))
                {
                    kept[i] = true;
                    changed = true;
                    needed.UnionWith(node.Inputs);
                }
            }
        }

        return kept.All(keep => keep) ? graph : graph with { Nodes = [.. graph.Nodes.Where((_, i) => kept[i])] };
    }

    private static IEnumerable<int> StateOf(Graph graph, Node node) =>
        node.Inputs.Where(input => input >= 0 && graph.Tensors[input].IsVariable);
}
