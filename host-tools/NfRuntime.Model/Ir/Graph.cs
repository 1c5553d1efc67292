using System.Collections.Generic;

namespace NfRuntime.Model.Ir;

/// <summary>
/// A model as a list of operators over a table of tensors. Immutable: a pass returns a new graph.
/// Nodes stand in an order in which each tensor is produced before it is read.
/// </summary>
/// <param name="Name">The model's name (the file's name without extension).</param>
/// <param name="Tensors">Tensor table; nodes, inputs and outputs refer to it by index.</param>
/// <param name="Nodes">Operators in execution order.</param>
/// <param name="Inputs">Tensor indices of the model's inputs, in the model's order.</param>
/// <param name="Outputs">Tensor indices of the model's outputs, in the model's order.</param>
public sealed record Graph(
    string Name,
    IReadOnlyList<Tensor> Tensors,
    IReadOnlyList<Node> Nodes,
    IReadOnlyList<int> Inputs,
    IReadOnlyList<int> Outputs);

/// <summary>One operator.</summary>
/// <param name="SourceIndex">Index in the .tflite operator list: the name under which messages, goldens and profiles know it.</param>
/// <param name="Attributes">What the operator does, beyond its tensors.</param>
/// <param name="Inputs">Tensor indices in TFLite's order; −1 where an optional input is absent.</param>
/// <param name="Outputs">Tensor indices of the results.</param>
public sealed record Node(
    int SourceIndex,
    OperatorAttributes Attributes,
    IReadOnlyList<int> Inputs,
    IReadOnlyList<int> Outputs)
{
    /// <summary>The operator's kind.</summary>
    public OperatorKind Kind => Attributes.Kind;

    /// <summary>Input <paramref name="position"/>'s tensor index, or −1 when it is absent or beyond the list.</summary>
    public int InputOrNone(int position) => position < Inputs.Count ? Inputs[position] : -1;
}
