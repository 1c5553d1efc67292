using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>
/// FULLY_CONNECTED, int8 or int16 activations, int8 weights. Source: tensorflow/lite/kernels/internal/reference/integer_ops/fully_connected.h,
/// micro/kernels/fully_connected_common.cc, micro/kernels/fully_connected.cc (choice of the accumulator).
/// </summary>
internal sealed class FullyConnected : ReferenceKernel
{
    private readonly OutputStage _stage;
    private readonly bool _wide;
    private readonly int _inputZeroPoint;
    private readonly int _weightsZeroPoint;
    private readonly int _units;
    private readonly int _depth;
    private readonly int[] _input;
    private readonly int[] _weights;
    private readonly int[] _output;

    /// <summary>Prepares the operator.</summary>
    public FullyConnected(TensorStore store, Node node, FullyConnectedAttributes attributes)
        : base(store, node)
    {
        Tensor input = Input(0);
        Tensor weights = Input(1);
        TensorChecks.RequireType(input, ElementType.Int8, ElementType.Int16);
        TensorChecks.RequireType(weights, ElementType.Int8);
        TensorChecks.RequireType(Output, input.Type);
        if (weights.Shape.Count != 2)
        {
            throw new NotSupportedException($"Weights of rank {weights.Shape.Count}; it must be 2.");
        }

        _units = weights.Shape[0];
        _depth = weights.Shape[1];
        if (Output.ElementCount % _units != 0 || Output.ElementCount / _units * _depth != input.ElementCount)
        {
            throw new NotSupportedException($"{input.ElementCount} inputs, [{_units}, {_depth}] weights and {Output.ElementCount} outputs do not match.");
        }

        int biasIndex = node.InputOrNone(2);
        _wide = OutputStage.IsWide(input, biasIndex < 0 ? null : store.Graph.Tensors[biasIndex], attributes.QuantizedBiasType);
        _stage = new OutputStage(
            Multipliers(input, weights, Output, _units),
            OutputStage.Bias(store, node, 2, _units, _wide),
            Output,
            attributes.Activation,
            _wide);
        _inputZeroPoint = TensorChecks.ZeroPointOf(input);
        Quantization quantization = TensorChecks.QuantizationOf(weights);
        _weightsZeroPoint = quantization.IsPerChannel ? 0 : quantization.ZeroPoint;
        _input = new int[input.ElementCount];
        _weights = new int[weights.ElementCount];
        _output = new int[Output.ElementCount];
    }

    /// <summary>
    /// Per channel as in a convolution; per tensor the product input scale × weight scale is rounded to float32 before the double division by the output's.
    /// </summary>
    public static QuantizedMultiplier[] Multipliers(Tensor input, Tensor weights, Tensor output, int units)
    {
        Quantization quantization = TensorChecks.QuantizationOf(weights);
        if (quantization.IsPerChannel)
        {
            return OutputStage.PerChannel(input, weights, output, units);
        }

        QuantizedMultiplier[] multipliers = new QuantizedMultiplier[units];
        Array.Fill(
            multipliers,
            PerTensorMultiplier(TensorChecks.QuantizationOf(input).Scale, quantization.Scale, TensorChecks.QuantizationOf(output).Scale));
        return multipliers;
    }

    /// <summary>float32(input × weights) / output, the quotient in double.</summary>
    public static QuantizedMultiplier PerTensorMultiplier(float input, float weights, float output)
    {
        float product = input * weights;
        return QuantizedMultiplier.From((double)product / output);
    }

    /// <inheritdoc/>
    public override void Run()
    {
        Store.Load(InputIndex(0), _input, _inputZeroPoint);
        Store.Load(InputIndex(1), _weights, _weightsZeroPoint);
        for (int i = 0; i < _output.Length; i++)
        {
            int unit = i % _units;
            ReadOnlySpan<int> input = _input.AsSpan(i / _units * _depth, _depth);
            ReadOnlySpan<int> weights = _weights.AsSpan(unit * _depth, _depth);
            _output[i] = _wide
                ? _stage.Finish(DotProduct.Int64(input, weights), unit)
                : _stage.Finish(DotProduct.Int32(input, weights), unit);
        }

        Store.Store(OutputIndex, _output);
    }
}
