using System;
using System.Collections.Generic;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>Sees an operator's result right after it ran.</summary>
/// <param name="node">The operator.</param>
/// <param name="tensor">Index of the output in the graph's tensor table.</param>
/// <param name="bytes">The output's bytes, little-endian; valid during the call only.</param>
public delegate void OperatorObserver(Node node, int tensor, ReadOnlySpan<byte> bytes);

/// <summary>
/// Executes a graph operator by operator with the arithmetic of TFLite-Micro's reference kernels (double rounding), bit for bit: the project's oracle.
/// It shares no code with compiler passes, plans or the C kernels. SPEC.md beside this file says what each operator computes.
/// Not thread-safe; every tensor stays readable until the next <see cref="Invoke"/>.
/// </summary>
public sealed class ReferenceEvaluator
{
    private readonly TensorStore _store;
    private readonly ReferenceKernel[] _kernels;

    /// <summary>Prepares every operator of <paramref name="graph"/>; variable tensors start at their zero points.</summary>
    /// <exception cref="NotSupportedException">An operator has a type or parameter that the reference kernels refuse; the message names operator and cause.</exception>
    public ReferenceEvaluator(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("The reference evaluator needs a little-endian machine.");
        }

        Graph = graph;
        _store = new TensorStore(graph);
        _kernels = new ReferenceKernel[graph.Nodes.Count];
        for (int i = 0; i < _kernels.Length; i++)
        {
            Node node = graph.Nodes[i];
            try
            {
                _kernels[i] = KernelFactory.Create(_store, node);
            }
            catch (NotSupportedException exception)
            {
                throw new NotSupportedException($"Operator {node.SourceIndex} ({node.Kind}): {exception.Message}", exception);
            }
        }
    }

    /// <summary>The graph that is executed.</summary>
    public Graph Graph { get; }

    /// <summary>Sets every variable tensor (SVDF and LSTM state) to its zero point.</summary>
    public void Reset() => _store.ResetVariables();

    /// <summary>The current bytes of any tensor, by index in the graph's tensor table: constants, states, and results of the last inference.</summary>
    public ReadOnlyMemory<byte> TensorBytes(int tensor) => _store.Bytes(tensor);

    /// <summary>Runs one inference.</summary>
    /// <param name="inputs">One buffer for each of the graph's inputs, in their order, of exactly the tensor's size, little-endian.</param>
    /// <param name="observer">Called with each operator's outputs, in execution order.</param>
    /// <returns>A copy of each output tensor, in the graph's order.</returns>
    /// <exception cref="ArgumentException">Wrong number of inputs, or an input of the wrong size.</exception>
    public IReadOnlyList<byte[]> Invoke(IReadOnlyList<ReadOnlyMemory<byte>> inputs, OperatorObserver? observer = null)
    {
        SetInputs(inputs);
        foreach (ReferenceKernel kernel in _kernels)
        {
            kernel.Run();
            if (observer is not null)
            {
                foreach (int tensor in kernel.Node.Outputs)
                {
                    observer(kernel.Node, tensor, _store.Bytes(tensor));
                }
            }
        }

        byte[][] outputs = new byte[Graph.Outputs.Count][];
        for (int i = 0; i < outputs.Length; i++)
        {
            outputs[i] = (byte[])_store.Bytes(Graph.Outputs[i]).Clone();
        }

        return outputs;
    }

    private void SetInputs(IReadOnlyList<ReadOnlyMemory<byte>> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        if (inputs.Count != Graph.Inputs.Count)
        {
            throw new ArgumentException($"The model takes {Graph.Inputs.Count} inputs, got {inputs.Count}.", nameof(inputs));
        }

        for (int i = 0; i < inputs.Count; i++)
        {
            byte[] target = _store.Bytes(Graph.Inputs[i]);
            if (inputs[i].Length != target.Length)
            {
                throw new ArgumentException($"Input {i} takes {target.Length} bytes, got {inputs[i].Length}.", nameof(inputs));
            }

            inputs[i].CopyTo(target);
        }
    }
}
