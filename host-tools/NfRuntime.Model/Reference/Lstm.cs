using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>
/// UNIDIRECTIONAL_SEQUENCE_LSTM, plain form: activations int8 (int32 bias) or int16 (int64 bias), cell state int16 with a power-of-two scale.
/// Source: micro/kernels/unidirectional_sequence_lstm.cc, lstm_eval.h, lstm_eval_common.cc, lstm_eval.cc.
/// </summary>
internal sealed class Lstm : ReferenceKernel
{
    private const double GateOutputScale = 1.0 / 32768;
    private readonly bool _timeMajor;
    private readonly int _batches;
    private readonly int _steps;
    private readonly int _depth;
    private readonly int _units;
    private readonly int _inputZeroPoint;
    private readonly int _hiddenZeroPoint;
    private readonly ActivationRange _hiddenRange;
    private readonly LstmGate[] _gates;
    private readonly QuantizedMultiplier _forgetCell;
    private readonly QuantizedMultiplier _inputCell;
    private readonly QuantizedMultiplier _toHidden;
    private readonly int _cellMultiplier;
    private readonly int _cellShift;
    private readonly bool _clips;
    private readonly int _cellClip;
    private int[] _input = [];
    private int[] _hidden = [];
    private int[] _cell = [];

    /// <summary>Prepares the operator.</summary>
    public Lstm(TensorStore store, Node node, LstmAttributes attributes)
        : base(store, node)
    {
        Tensor input = Input(0);
        Tensor hidden = Input(18);
        Tensor cell = Input(19);
        TensorChecks.RequireType(input, ElementType.Int8, ElementType.Int16);
        TensorChecks.RequireType(hidden, input.Type);
        TensorChecks.RequireType(Output, input.Type);
        TensorChecks.RequireType(cell, ElementType.Int16);
        _timeMajor = attributes.TimeMajor;
        _batches = input.Shape[_timeMajor ? 1 : 0];
        _steps = input.Shape[_timeMajor ? 0 : 1];
        _depth = input.Shape[2];
        _units = hidden.Shape[^1];
        RequireShapes();
        _gates = [new LstmGate(store, node, 0), new LstmGate(store, node, 1), new LstmGate(store, node, 2), new LstmGate(store, node, 3)];
        _inputZeroPoint = TensorChecks.QuantizationOf(input).ZeroPoint;
        _hiddenZeroPoint = TensorChecks.QuantizationOf(hidden).ZeroPoint;
        _hiddenRange = ActivationRange.Of(hidden.Type);
        double cellScale = TensorChecks.QuantizationOf(cell).Scale;
        _forgetCell = QuantizedMultiplier.From(GateOutputScale * cellScale / cellScale);
        _inputCell = QuantizedMultiplier.From(GateOutputScale * GateOutputScale / cellScale);
        _toHidden = QuantizedMultiplier.From(GateOutputScale * GateOutputScale / hidden.Quantization!.Scale);
        _clips = attributes.CellClip > 0;
        _cellClip = _clips ? (int)Math.Min(attributes.CellClip / cellScale, short.MaxValue) : 0;
        (_cellMultiplier, _cellShift) = TanhScaling(cell.Quantization!.Scale);
    }

    /// <summary>Multiplier and right shift that bring a cell state of a power-of-two scale to steps of 1/(3 × 2^12).</summary>
    /// <exception cref="NotSupportedException">The scale is not a power of two.</exception>
    public static (int Multiplier, int Shift) TanhScaling(float cellScale)
    {
        if (!PowerOfTwo.IsNear(cellScale, out int power))
        {
            throw new NotSupportedException($"A cell state scale of {cellScale} is not a power of two.");
        }

        int shift = power + 12;
        return shift < 0 ? (3, -shift) : (3 << shift, 0);
    }

    /// <inheritdoc/>
    public override void Run()
    {
        _input = Store.LoadArray(InputIndex(0), _inputZeroPoint);
        _hidden = Store.LoadArray(InputIndex(18), _hiddenZeroPoint);
        _cell = Store.LoadArray(InputIndex(19));
        int[] output = new int[Output.ElementCount];

        // Batches do not influence one another, so that their order is free.
        for (int b = 0; b < _batches; b++)
        {
            for (int t = 0; t < _steps; t++)
            {
                int row = _timeMajor ? (t * _batches) + b : (b * _steps) + t;
                Step(_input.AsSpan(row * _depth, _depth), b, output.AsSpan(row * _units, _units));
            }
        }

        Store.Store(OutputIndex, output);
        Store.Store(InputIndex(19), _cell);
        for (int i = 0; i < _hidden.Length; i++)
        {
            _hidden[i] += _hiddenZeroPoint;
        }

        Store.Store(InputIndex(18), _hidden);
    }

    private void RequireShapes()
    {
        int states = _batches * _units;
        if (Input(0).Shape.Count != 3 || Input(18).ElementCount != states || Input(19).ElementCount != states
            || Output.ElementCount != states * _steps)
        {
            throw new NotSupportedException("The shapes of input, states and output do not fit together.");
        }
    }

    private void Step(ReadOnlySpan<int> input, int batch, Span<int> output)
    {
        Span<int> hidden = _hidden.AsSpan(batch * _units, _units);
        Span<int> cell = _cell.AsSpan(batch * _units, _units);
        for (int unit = 0; unit < _units; unit++)
        {
            int inputGate = TableFunctions.Sigmoid(_gates[0].Sum(unit, input, hidden), 3, 0);
            int forgetGate = TableFunctions.Sigmoid(_gates[1].Sum(unit, input, hidden), 3, 0);
            int cellGate = TableFunctions.Tanh(_gates[2].Sum(unit, input, hidden), 3, 0);
            int outputGate = TableFunctions.Sigmoid(_gates[3].Sum(unit, input, hidden), 3, 0);
            cell[unit] = NextCell(forgetGate, cell[unit], inputGate, cellGate);
            int activated = TableFunctions.Tanh(cell[unit], _cellMultiplier, _cellShift);
            output[unit] = _hiddenRange.Clamp(_toHidden.Apply(activated * outputGate) + _hiddenZeroPoint);
        }

        // All gates read the old hidden state; only now may it change.
        for (int unit = 0; unit < _units; unit++)
        {
            hidden[unit] = output[unit] - _hiddenZeroPoint;
        }
    }

    private int NextCell(int forgetGate, int cell, int inputGate, int cellGate)
    {
        int kept = FixedPoint.Clamp(_forgetCell.Apply(forgetGate * cell), short.MinValue, short.MaxValue);
        int added = FixedPoint.Clamp(_inputCell.Apply(inputGate * cellGate), short.MinValue, short.MaxValue);
        int next = FixedPoint.Clamp(kept + added, short.MinValue, short.MaxValue);
        return _clips ? FixedPoint.Clamp(next, -_cellClip, _cellClip) : next;
    }
}
