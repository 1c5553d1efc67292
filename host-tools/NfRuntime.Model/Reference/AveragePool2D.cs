using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>
/// AVERAGE_POOL_2D, int8 and int16: the mean of the raw values inside the input, rounded half away from zero.
/// Source: tensorflow/lite/kernels/internal/reference/integer_ops/pooling.h AveragePool.
/// </summary>
internal sealed class AveragePool2D(TensorStore store, Node node, Pool2DAttributes attributes) : Pooling(store, node, attributes)
{
    /// <inheritdoc/>
    protected override int Initial => 0;

    /// <inheritdoc/>
    protected override int Join(int state, int value) => state + value;

    /// <inheritdoc/>
    protected override int Finish(int state, int count) =>
        (state > 0 ? state + (count / 2) : state - (count / 2)) / count;
}
