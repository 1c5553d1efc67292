using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>
/// One gate of an LSTM before its activation: two fully connected layers (input, hidden state), each rescaled to int16 of scale 2^−12 with a rounding
/// of its own, and a saturating sum. Source: micro/kernels/lstm_eval.h CalculateLstmGate, lstm_eval_common.cc CreateGateParams.
/// </summary>
internal sealed class LstmGate
{
    private const float GateScale = 1.0f / 4096;
    private readonly Layer _input;
    private readonly Layer _recurrent;
    private readonly bool _wide;

    /// <summary>Prepares a gate.</summary>
    /// <param name="store">The tensors.</param>
    /// <param name="node">The LSTM.</param>
    /// <param name="gate">0 input, 1 forget, 2 cell, 3 output: the order of TFLite's weights.</param>
    public LstmGate(TensorStore store, Node node, int gate)
    {
        Tensor input = store.Graph.Tensors[node.Inputs[0]];
        Tensor hidden = store.Graph.Tensors[node.Inputs[18]];
        _wide = input.Type == ElementType.Int16;
        _input = new Layer(store, node, 1 + gate, input);
        _recurrent = new Layer(store, node, 5 + gate, hidden);
        Bias = OutputStage.Bias(store, node, 12 + gate, _input.Units, _wide);
    }

    private long[] Bias { get; }

    /// <summary>The gate's sum for one unit, int16.</summary>
    /// <param name="unit">Index of the unit.</param>
    /// <param name="input">The step's input vector, less its zero point.</param>
    /// <param name="hidden">The hidden state, less its zero point.</param>
    public int Sum(int unit, ReadOnlySpan<int> input, ReadOnlySpan<int> hidden)
    {
        int sum = _input.Evaluate(unit, input, Bias[unit], _wide) + _recurrent.Evaluate(unit, hidden, 0, _wide);
        return FixedPoint.Clamp(sum, short.MinValue, short.MaxValue);
    }

    private sealed class Layer
    {
        private readonly int[] _weights;
        private readonly int _depth;
        private readonly QuantizedMultiplier _multiplier;

        public Layer(TensorStore store, Node node, int position, Tensor activation)
        {
            Tensor weights = store.Graph.Tensors[node.Inputs[position]];
            TensorChecks.RequireType(weights, ElementType.Int8);
            Quantization quantization = TensorChecks.QuantizationOf(weights);
            if (quantization.IsPerChannel)
            {
                throw new NotSupportedException("Weights of an LSTM are quantized per tensor.");
            }

            Units = weights.Shape[0];
            _depth = weights.Shape[1];
            _weights = store.LoadArray(node.Inputs[position], quantization.ZeroPoint);
            _multiplier = FullyConnected.PerTensorMultiplier(
                TensorChecks.QuantizationOf(activation).Scale, quantization.Scale, GateScale);
        }

        public int Units { get; }

        public int Evaluate(int unit, ReadOnlySpan<int> activation, long bias, bool wide)
        {
            ReadOnlySpan<int> weights = _weights.AsSpan(unit * _depth, _depth);
            int scaled = wide
                ? _multiplier.Apply(DotProduct.Int64(activation, weights) + bias)
                : _multiplier.Apply(DotProduct.Int32(activation, weights) + (int)bias);
            return FixedPoint.Clamp(scaled, short.MinValue, short.MaxValue);
        }
    }
}
