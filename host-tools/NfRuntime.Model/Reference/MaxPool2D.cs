using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>MAX_POOL_2D, int8 and int16. Source: tensorflow/lite/kernels/internal/reference/integer_ops/pooling.h MaxPool.</summary>
internal sealed class MaxPool2D(TensorStore store, Node node, Pool2DAttributes attributes) : Pooling(store, node, attributes)
{
    /// <inheritdoc/>
    protected override int Initial => int.MinValue;

    /// <inheritdoc/>
    protected override int Join(int state, int value) => Math.Max(state, value);

    /// <inheritdoc/>
    protected override int Finish(int state, int count) => state;
}
