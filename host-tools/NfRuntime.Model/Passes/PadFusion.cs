using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Passes;

/// <summary>
/// A PAD of height and width goes into the convolutions that read it: PAD fills with its zero point, and a convolution's
/// positions outside the input count as the input's zero point, which is the same when PAD keeps the quantization.
/// </summary>
public sealed class PadFusion : IGraphPass
{
    /// <inheritdoc/>
    public string Name => "pad fusion";

    /// <inheritdoc/>
    public Graph Run(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var editor = new GraphEditor(graph);
        for (int position = 0; position < editor.Nodes.Count; position++)
        {
            if (editor.Nodes[position] is { Attributes: PadAttributes attributes } pad && !editor.IsOutput(pad.Outputs[0]))
            {
                TryFuse(editor, position, pad, attributes);
            }
        }

        return editor.ToGraph();
    }

    private static void TryFuse(GraphEditor editor, int position, Node pad, PadAttributes attributes)
    {
        Tensor input = editor.Tensors[pad.Inputs[0]];
        Tensor padded = editor.Tensors[pad.Outputs[0]];
        bool onlyHeightAndWidth = input.Shape.Count == 4 && Amount(attributes, 0) == 0 && Amount(attributes, 3) == 0;
        if (!onlyHeightAndWidth || input.Quantization is null || !input.Quantization.Equals(padded.Quantization))
        {
            return;
        }

        List<int> consumers = editor.ConsumersOf(pad.Outputs[0]);
        List<Node?> fused = [.. consumers.Select(consumer => Fuse(editor, pad, attributes, editor.Nodes[consumer]!))];
        if (fused.Count == 0 || fused.Contains(null))
        {
            return;
        }

        for (int i = 0; i < fused.Count; i++)
        {
            editor.Replace(consumers[i], fused[i]);
        }

        editor.Replace(position, null);
    }

    private static int Amount(PadAttributes attributes, int d) => attributes.Before[d] + attributes.After[d];

    // Null when the consumer is no convolution, or a window would lie in the padding altogether.
    private static Node? Fuse(GraphEditor editor, Node pad, PadAttributes attributes, Node consumer)
    {
        if (consumer.Inputs.Skip(1).Contains(pad.Outputs[0]))
        {
            return null;
        }

        (int top, int left) = (attributes.Before[1], attributes.Before[2]);
        OperatorAttributes? with = consumer.Attributes switch
        {
            Conv2DAttributes a => a with { PadTop = a.PadTop + top, PadLeft = a.PadLeft + left },
            DepthwiseConv2DAttributes a => a with { PadTop = a.PadTop + top, PadLeft = a.PadLeft + left },
            _ => null,
        };
        return with is not null && WindowsTouchInput(editor, pad, consumer, with)
            ? consumer with { Attributes = with, Inputs = [pad.Inputs[0], .. consumer.Inputs.Skip(1)] }
            : null;
    }

    private static bool WindowsTouchInput(GraphEditor editor, Node pad, Node consumer, OperatorAttributes attributes)
    {
        IReadOnlyList<int> input = editor.Tensors[pad.Inputs[0]].Shape;
        IReadOnlyList<int> weights = editor.Tensors[consumer.Inputs[1]].Shape;
        IReadOnlyList<int> output = editor.Tensors[consumer.Outputs[0]].Shape;
        (int strideH, int strideW, int dilationH, int dilationW, int top, int left) = attributes switch
        {
            Conv2DAttributes a => (a.StrideH, a.StrideW, a.DilationH, a.DilationW, a.PadTop, a.PadLeft),
            DepthwiseConv2DAttributes a => (a.StrideH, a.StrideW, a.DilationH, a.DilationW, a.PadTop, a.PadLeft),
            _ => throw new ArgumentException("not a convolution", nameof(attributes)),
        };
        bool rows = top <= (weights[1] - 1) * dilationH && ((output[1] - 1) * strideH) - top < input[1];
        bool columns = left <= (weights[2] - 1) * dilationW && ((output[2] - 1) * strideW) - left < input[2];
        return rows && columns;
    }
}
