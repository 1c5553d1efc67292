using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Passes;

/// <summary>
/// Operators that only give the same bytes another name become RESHAPEs; a RESHAPE of a RESHAPE reads the first one's input;
/// a RESHAPE that changes neither shape nor quantization goes. (The remaining ones cost nothing: <see cref="Views"/>.)
/// </summary>
public sealed class IdentityElimination : IGraphPass
{
    /// <inheritdoc/>
    public string Name => "identity elimination";

    /// <inheritdoc/>
    public Graph Run(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var editor = new GraphEditor(graph);
        for (int position = 0; position < editor.Nodes.Count; position++)
        {
            Node node = editor.Nodes[position]!;
            if (node.Kind != OperatorKind.Reshape && IsIdentity(node, editor.Tensors))
            {
                node = node with { Attributes = new PlainAttributes(OperatorKind.Reshape), Inputs = [node.Inputs[0]] };
                editor.Replace(position, node);
            }

            if (node.Kind == OperatorKind.Reshape)
            {
                Shorten(editor, position, node);
            }
        }

        return editor.ToGraph();
    }

    private static void Shorten(GraphEditor editor, int position, Node node)
    {
        if (TryRemove(editor, position, node) || editor.ProducerOf(node.Inputs[0]) is not { Kind: OperatorKind.Reshape } producer)
        {
            return;
        }

        if (editor.Tensors[producer.Inputs[0]].IsVariable)
        {
            return; // state may have changed since the first one read it
        }

        node = node with { Inputs = [producer.Inputs[0]] };
        editor.Replace(position, node);
        _ = TryRemove(editor, position, node);
    }

    private static bool TryRemove(GraphEditor editor, int position, Node node)
    {
        Tensor input = editor.Tensors[node.Inputs[0]];
        Tensor output = editor.Tensors[node.Outputs[0]];
        bool same = input.Shape.SequenceEqual(output.Shape) && Equals(input.Quantization, output.Quantization);
        if (!same || input.IsVariable || editor.IsOutput(node.Outputs[0]))
        {
            return false;
        }

        editor.ReplaceUses(node.Outputs[0], node.Inputs[0]);
        editor.Replace(position, null);
        return true;
    }

    private static bool IsIdentity(Node node, List<Tensor> tensors)
    {
        Tensor input = tensors[node.Inputs[0]];
        Tensor output = tensors[node.Outputs[0]];
        if (input.Type != output.Type || input.ElementCount != output.ElementCount)
        {
            return false;
        }

        return node.Attributes switch
        {
            TransposeAttributes attributes => KeepsOrder(input.Shape, attributes.Permutation),
            PadAttributes => true,
            PlainAttributes { Kind: OperatorKind.Quantize } => input.Type is ElementType.Int8 or ElementType.Int16 && SameScale(input, output),
            MeanAttributes => SameScale(input, output),
            Pool2DAttributes attributes => attributes is { FilterH: 1, FilterW: 1, StrideH: 1, StrideW: 1, PadTop: 0, PadLeft: 0, Activation: Activation.None },
            _ => false,
        };
    }

    // Only dimensions of extent 1 change their place.
    private static bool KeepsOrder(IReadOnlyList<int> shape, IReadOnlyList<int> permutation)
    {
        int last = -1;
        foreach (int d in permutation)
        {
            if (shape[d] == 1)
            {
                continue;
            }

            if (d < last)
            {
                return false;
            }

            last = d;
        }

        return true;
    }

    private static bool SameScale(Tensor input, Tensor output) =>
        input.Quantization is not null && !input.Quantization.IsPerChannel && input.Quantization.Equals(output.Quantization);
}
