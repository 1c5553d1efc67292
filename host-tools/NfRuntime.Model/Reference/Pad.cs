using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>
/// PAD: copies, filling with the output's zero point in int8 and with 0 in other types.
/// Source: micro/kernels/pad.cc, pad_common.cc, tensorflow/lite/kernels/internal/reference/pad.h.
/// </summary>
internal sealed class Pad : ReferenceKernel
{
    private readonly PadAttributes _attributes;
    private readonly byte _filler;

    /// <summary>Prepares the operator.</summary>
    public Pad(TensorStore store, Node node, PadAttributes attributes)
        : base(store, node)
    {
        TensorChecks.RequireType(Output, Input(0).Type);
        _attributes = attributes;
        for (int axis = 0; axis < Output.Shape.Count; axis++)
        {
            if (Input(0).Shape[axis] + attributes.Before[axis] + attributes.After[axis] != Output.Shape[axis])
            {
                throw new NotSupportedException($"Padding of dimension {axis} does not give the output's size.");
            }
        }

        _filler = Output.Type == ElementType.Int8 ? (byte)TensorChecks.ZeroPointOf(Output) : (byte)0;
    }

    /// <inheritdoc/>
    public override void Run()
    {
        int size = Output.Type.Size();
        ReadOnlySpan<byte> input = Store.Bytes(InputIndex(0));
        Span<byte> output = Store.Bytes(OutputIndex);
        output.Fill(_filler);
        int[] strides = Broadcast.RowMajorStrides(Output.Shape);
        int[] position = new int[strides.Length];
        int at = 0;
        for (int axis = 0; axis < strides.Length; axis++)
        {
            at += _attributes.Before[axis] * strides[axis];
        }

        for (int i = 0; i < input.Length; i += size)
        {
            input.Slice(i, size).CopyTo(output.Slice(at * size, size));
            at = Broadcast.Advance(position, Input(0).Shape, strides, at);
        }
    }
}
