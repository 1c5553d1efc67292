using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>MUL. Source: micro/kernels/mul_common.cc, tensorflow/lite/kernels/internal/reference/integer_ops/mul.h. All scales in double.</summary>
internal sealed class Mul : Elementwise
{
    private readonly QuantizedMultiplier _multiplier;

    /// <summary>Prepares the operator.</summary>
    public Mul(TensorStore store, Node node, ElementwiseAttributes attributes)
        : base(store, node, attributes)
    {
        double product = (double)Input(0).Quantization!.Scale * Input(1).Quantization!.Scale;
        _multiplier = QuantizedMultiplier.From(product / Output.Quantization!.Scale);
    }

    /// <inheritdoc/>
    protected override int Combine(int left, int right) => _multiplier.Apply(left * right);
}
