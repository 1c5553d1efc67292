using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>
/// One operator, prepared: the constructor derives everything that does not depend on data (what a compiler computes offline),
/// <see cref="Run"/> does what a device does.
/// </summary>
internal abstract class ReferenceKernel(TensorStore store, Node node)
{
    /// <summary>The tensors.</summary>
    protected TensorStore Store { get; } = store;

    /// <summary>The operator.</summary>
    public Node Node { get; } = node;

    /// <summary>Tensor of input <paramref name="position"/>.</summary>
    /// <exception cref="NotSupportedException">The input is absent.</exception>
    protected Tensor Input(int position) => Store.Graph.Tensors[InputIndex(position)];

    /// <summary>Tensor of the first output.</summary>
    protected Tensor Output => Store.Graph.Tensors[OutputIndex];

    /// <summary>Index of the first output's tensor.</summary>
    protected int OutputIndex => Node.Outputs[0];

    /// <summary>Executes the operator once.</summary>
    public abstract void Run();

    /// <summary>Index of input <paramref name="position"/>'s tensor.</summary>
    /// <exception cref="NotSupportedException">The input is absent.</exception>
    protected int InputIndex(int position)
    {
        int index = Node.InputOrNone(position);
        return index >= 0 ? index : throw new NotSupportedException($"{Node.Kind} needs its input {position}.");
    }
}
