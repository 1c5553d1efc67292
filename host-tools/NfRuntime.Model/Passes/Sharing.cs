using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan;
using NfRuntime.Model.Plan.Memory;

namespace NfRuntime.Model.Passes;

/// <summary>
/// Bytes that an operator's output shares with an input that dies, as far as that is known before operators are lowered: the
/// planner may save a little more (a 1×1 convolution goes pixel by pixel on some targets) or less (scratch).
/// </summary>
internal sealed class Sharing(Graph graph, int[] viewOf)
{
    private readonly Dictionary<(int Output, int Root), long> _known = [];

    /// <summary>Of <paramref name="node"/>'s output with <paramref name="root"/>, if that is an input and dies there; else 0.</summary>
    public long Saving(Node node, int root)
    {
        (int, int) key = (node.Outputs[0], root);
        if (!_known.TryGetValue(key, out long saving))
        {
            _known[key] = saving = node.Inputs.Any(input => input >= 0 && viewOf[input] == root) ? Math.Max(InPlace(node, root), ByRows(node, root)) : 0;
        }

        return saving;
    }

    private long InPlace(Node node, int root)
    {
        Tensor output = graph.Tensors[node.Outputs[0]];
        bool may = node.Kind is OperatorKind.Add or OperatorKind.Mul or OperatorKind.Logistic or OperatorKind.Softmax or OperatorKind.Quantize or OperatorKind.Reshape;
        bool narrows = node.Inputs.Where(input => input >= 0 && viewOf[input] == root)
            .All(input => graph.Tensors[input].ElementCount == output.ElementCount && graph.Tensors[input].Type.Size() >= output.Type.Size());
        return may && narrows ? PlanFormat.AlignUp(output.ByteSize) : 0;
    }

    private long ByRows(Node node, int root)
    {
        if (viewOf[node.Inputs[0]] != root || Rows(node) is not { } rows)
        {
            return 0;
        }

        (long input, long output) = (graph.Tensors[node.Inputs[0]].ByteSize, graph.Tensors[node.Outputs[0]].ByteSize);
        return Math.Max(0, new AllowedOverlap(0, 1, 0, input, output, rows.Overlap(input, output)).Saving);
    }

    private WindowRows? Rows(Node node)
    {
        (IReadOnlyList<int> input, IReadOnlyList<int> output) = (graph.Tensors[node.Inputs[0]].Shape, graph.Tensors[node.Outputs[0]].Shape);
        (int Stride, int Pad, int Reach)? window = node.Attributes switch
        {
            Conv2DAttributes a => (a.StrideH, a.PadTop, ((graph.Tensors[node.Inputs[1]].Shape[1] - 1) * a.DilationH) + 1),
            DepthwiseConv2DAttributes a => (a.StrideH, a.PadTop, ((graph.Tensors[node.Inputs[1]].Shape[1] - 1) * a.DilationH) + 1),
            Pool2DAttributes a => (a.StrideH, a.PadTop, a.FilterH),
            _ => null,
        };
        return window is { } w && input[0] == 1
            ? new WindowRows(input[1], output[1], w.Stride, w.Pad, w.Reach, WindowRows.TogetherAt(output[2]), 0)
            : null;
    }
}
