using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>
/// QUANTIZE of float32 to int8 or int16: the quotient by the float32 scale is a float32, rounded half away from zero.
/// Source: tensorflow/lite/kernels/internal/reference/quantize.h AffineQuantize, micro/kernels/quantize_common.cc.
/// What C leaves undefined is defined here: quotients beyond int32 saturate, NaN gives the zero point.
/// </summary>
internal sealed class QuantizeFloat : ReferenceKernel
{
    private readonly float _scale;
    private readonly int _zeroPoint;
    private readonly ActivationRange _range;
    private readonly int[] _output;

    /// <summary>Prepares the operator.</summary>
    public QuantizeFloat(TensorStore store, Node node)
        : base(store, node)
    {
        TensorChecks.RequireType(Output, ElementType.Int8, ElementType.Int16);
        _scale = TensorChecks.QuantizationOf(Output).Scale;
        _zeroPoint = Output.Quantization!.ZeroPoint;
        _range = ActivationRange.Of(Output.Type);
        _output = new int[Output.ElementCount];
    }

    /// <inheritdoc/>
    public override void Run()
    {
        ReadOnlySpan<float> input = Store.Span<float>(InputIndex(0));
        for (int i = 0; i < _output.Length; i++)
        {
            long value = (long)FixedPoint.RoundToInt(input[i] / _scale) + _zeroPoint;
            _output[i] = (int)Math.Clamp(value, _range.Min, _range.Max);
        }

        Store.Store(OutputIndex, _output);
    }
}

/// <summary>
/// QUANTIZE between integer types: one rescale by input scale / output scale (double).
/// Source: tensorflow/lite/kernels/internal/reference/requantize.h, micro/kernels/quantize_common.cc.
/// </summary>
internal sealed class Requantize : ReferenceKernel
{
    private readonly QuantizedMultiplier _multiplier;
    private readonly int _inputZeroPoint;
    private readonly int _outputZeroPoint;
    private readonly ActivationRange _range;
    private readonly int[] _values;

    /// <summary>Prepares the operator.</summary>
    public Requantize(TensorStore store, Node node)
        : base(store, node)
    {
        TensorChecks.RequireType(Input(0), ElementType.Int8, ElementType.Int16, ElementType.Int32);
        TensorChecks.RequireType(Output, ElementType.Int8, ElementType.Int16, ElementType.Int32);
        if (Input(0).Type == ElementType.Int32 && Output.Type == ElementType.Int32)
        {
            throw new NotSupportedException("QUANTIZE from int32 to int32 has no reference kernel.");
        }

        Quantization input = TensorChecks.QuantizationOf(Input(0));
        Quantization output = TensorChecks.QuantizationOf(Output);
        _multiplier = QuantizedMultiplier.From((double)input.Scale / output.Scale);
        _inputZeroPoint = input.ZeroPoint;
        _outputZeroPoint = output.ZeroPoint;
        _range = ActivationRange.Of(Output.Type);
        _values = new int[Output.ElementCount];
    }

    /// <inheritdoc/>
    public override void Run()
    {
        Store.Load(InputIndex(0), _values, _inputZeroPoint);
        for (int i = 0; i < _values.Length; i++)
        {
            _values[i] = _range.Clamp(_multiplier.Apply(_values[i]) + _outputZeroPoint);
        }

        Store.Store(OutputIndex, _values);
    }
}
