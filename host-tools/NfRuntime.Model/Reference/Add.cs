using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>
/// ADD. Source: micro/kernels/add_common.cc, tensorflow/lite/kernels/internal/reference/integer_ops/add.h (int8), reference/add.h (int16).
/// Both operands are brought to twice the larger input scale / 2^leftShift, each with a rounding of its own.
/// </summary>
internal sealed class Add : Elementwise
{
    private readonly int _leftShift;
    private readonly QuantizedMultiplier _left;
    private readonly QuantizedMultiplier _right;
    private readonly QuantizedMultiplier _output;

    /// <summary>Prepares the operator.</summary>
    public Add(TensorStore store, Node node, ElementwiseAttributes attributes)
        : base(store, node, attributes)
    {
        float left = Input(0).Quantization!.Scale;
        float right = Input(1).Quantization!.Scale;
        double common = 2 * (double)Math.Max(left, right);
        _leftShift = Output.Type == ElementType.Int16 ? 15 : 20;
        _left = QuantizedMultiplier.FromBelowOne(left / common);
        _right = QuantizedMultiplier.FromBelowOne(right / common);
        _output = QuantizedMultiplier.FromBelowOne(common / ((1 << _leftShift) * (double)Output.Quantization!.Scale));
    }

    /// <inheritdoc/>
    protected override int Combine(int left, int right) =>
        _output.Apply(_left.Apply(left * (1 << _leftShift)) + _right.Apply(right * (1 << _leftShift)));
}
