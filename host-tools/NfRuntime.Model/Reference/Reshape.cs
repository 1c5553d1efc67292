using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>RESHAPE: the bytes, unchanged. Source: micro/kernels/reshape.cc.</summary>
internal sealed class Reshape : ReferenceKernel
{
    /// <summary>Prepares the operator.</summary>
    public Reshape(TensorStore store, Node node)
        : base(store, node)
    {
        TensorChecks.RequireType(Output, Input(0).Type);
        if (Input(0).ByteSize != Output.ByteSize)
        {
            throw new NotSupportedException($"A reshape of {Input(0).ElementCount} to {Output.ElementCount} elements.");
        }
    }

    /// <inheritdoc/>
    public override void Run() => Store.Bytes(InputIndex(0)).CopyTo(Store.Bytes(OutputIndex).AsSpan());
}
