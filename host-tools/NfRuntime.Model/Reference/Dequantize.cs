using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>
/// DEQUANTIZE of int8 or int16: the scale is widened to double, multiplied, and the product rounded to float32.
/// Source: tensorflow/lite/kernels/internal/reference/dequantize.h, micro/kernels/dequantize_common.cc.
/// </summary>
internal sealed class Dequantize : ReferenceKernel
{
    private readonly double _scale;
    private readonly int _zeroPoint;
    private readonly int[] _values;

    /// <summary>Prepares the operator.</summary>
    public Dequantize(TensorStore store, Node node)
        : base(store, node)
    {
        TensorChecks.RequireType(Input(0), ElementType.Int8, ElementType.Int16);
        TensorChecks.RequireType(Output, ElementType.Float32);
        _scale = TensorChecks.QuantizationOf(Input(0)).Scale;
        _zeroPoint = Input(0).Quantization!.ZeroPoint;
        _values = new int[Output.ElementCount];
    }

    /// <inheritdoc/>
    public override void Run()
    {
        Store.Load(InputIndex(0), _values, _zeroPoint);
        Span<float> output = Store.Span<float>(OutputIndex);
        for (int i = 0; i < output.Length; i++)
        {
            output[i] = (float)(_scale * _values[i]);
        }
    }
}
