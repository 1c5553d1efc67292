using System;
using System.Linq;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Passes;

/// <summary>
/// Computes data movement (RESHAPE, TRANSPOSE, PAD) and float QUANTIZE of constants ahead of time. An operator that writes a
/// model output stays: outputs lie in the arena.
/// </summary>
public sealed class ConstantFolding : IGraphPass
{
    /// <inheritdoc/>
    public string Name => "constant folding";

    /// <inheritdoc/>
    public Graph Run(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var editor = new GraphEditor(graph);
        for (int position = 0; position < editor.Nodes.Count; position++)
        {
            Node node = editor.Nodes[position]!;
            int output = node.Outputs[0];
            bool foldable = node.Inputs.All(input => input < 0 || editor.Tensors[input].IsConstant) && !editor.IsOutput(output);
            if (foldable && Evaluate(node, editor.Tensors[node.Inputs[0]], editor.Tensors[output]) is { } bytes)
            {
                editor.ReplaceTensor(output, editor.Tensors[output] with { Data = bytes });
                editor.Replace(position, null);
            }
        }

        return editor.ToGraph();
    }

    private static byte[]? Evaluate(Node node, Tensor input, Tensor output) => node.Attributes switch
    {
        PlainAttributes { Kind: OperatorKind.Reshape } => input.Data!.Value.ToArray(),
        TransposeAttributes attributes => ConstantMovement.Transpose(input, output, attributes),
        PadAttributes attributes => ConstantMovement.Pad(input, output, attributes),
        PlainAttributes { Kind: OperatorKind.Quantize } => ConstantQuantization.Quantize(input, output),
        _ => null,
    };
}
