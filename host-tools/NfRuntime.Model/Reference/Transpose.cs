using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>TRANSPOSE of any rank and type. Source: tensorflow/lite/kernels/internal/reference/transpose.h.</summary>
internal sealed class Transpose : ReferenceKernel
{
    private readonly int[] _strides;

    /// <summary>Prepares the operator.</summary>
    public Transpose(TensorStore store, Node node, TransposeAttributes attributes)
        : base(store, node)
    {
        TensorChecks.RequireType(Output, Input(0).Type);
        int[] own = Broadcast.RowMajorStrides(Input(0).Shape);
        _strides = new int[own.Length];
        for (int axis = 0; axis < own.Length; axis++)
        {
            int source = attributes.Permutation[axis];
            if (Output.Shape[axis] != Input(0).Shape[source])
            {
                throw new NotSupportedException($"Dimension {axis} of the output is not dimension {source} of the input.");
            }

            _strides[axis] = own[source];
        }
    }

    /// <inheritdoc/>
    public override void Run()
    {
        int size = Output.Type.Size();
        ReadOnlySpan<byte> input = Store.Bytes(InputIndex(0));
        Span<byte> output = Store.Bytes(OutputIndex);
        int[] position = new int[_strides.Length];
        int at = 0;
        for (int i = 0; i < output.Length; i += size)
        {
            input.Slice(at * size, size).CopyTo(output.Slice(i, size));
            at = Broadcast.Advance(position, Output.Shape, _strides, at);
        }
    }
}
