using System.Linq;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Passes;

/// <summary>RESHAPEs that need no record: their output is the input's bytes under another shape.</summary>
internal static class Views
{
    /// <summary>Each tensor stands for itself.</summary>
    public static int[] None(Graph graph) => [.. Enumerable.Range(0, graph.Tensors.Count)];

    /// <summary>
    /// For each tensor the tensor whose bytes it is. A RESHAPE of a constant or of state stays (its output lies in the
    /// arena), and so does one from a model input to a model output (a plan has at least one operator).
    /// </summary>
    public static int[] Of(Graph graph)
    {
        int[] viewOf = None(graph);
        foreach (Node node in graph.Nodes)
        {
            if (node.Kind != OperatorKind.Reshape)
            {
                continue;
            }

            int input = viewOf[node.Inputs[0]];
            int output = node.Outputs[0];
            Tensor source = graph.Tensors[input];
            bool throughModel = graph.Inputs.Contains(input) && graph.Outputs.Contains(output);
            if (!source.IsConstant && !source.IsVariable && !throughModel)
            {
                viewOf[output] = input;
            }
        }

        return viewOf;
    }
}
