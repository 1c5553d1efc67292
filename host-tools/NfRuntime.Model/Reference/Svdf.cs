using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>
/// SVDF, int8 activations; state and time weights both int16 or both int8. The fused activation is ignored.
/// Source: micro/kernels/svdf_common.cc EvalIntegerSvdfReference.
/// </summary>
internal sealed class Svdf : ReferenceKernel
{
    private readonly int _rank;
    private readonly int _batches;
    private readonly int _filters;
    private readonly int _memory;
    private readonly int _depth;
    private readonly int _inputZeroPoint;
    private readonly int _stateZeroPoint;
    private readonly int _outputZeroPoint;
    private readonly ActivationRange _stateRange;
    private readonly QuantizedMultiplier _toState;
    private readonly QuantizedMultiplier _toOutput;

    /// <summary>Prepares the operator.</summary>
    public Svdf(TensorStore store, Node node, SvdfAttributes attributes)
        : base(store, node)
    {
        Tensor input = Input(0);
        Tensor feature = Input(1);
        Tensor time = Input(2);
        Tensor state = Input(4);
        TensorChecks.RequireType(input, ElementType.Int8);
        TensorChecks.RequireType(feature, ElementType.Int8);
        TensorChecks.RequireType(time, ElementType.Int8, ElementType.Int16);
        TensorChecks.RequireType(state, time.Type);
        TensorChecks.RequireType(Output, ElementType.Int8);
        TensorChecks.RequireType(Input(3), ElementType.Int32);
        _rank = attributes.Rank;
        _batches = input.Shape[0];
        _depth = input.Shape[1];
        _filters = feature.Shape[0];
        _memory = time.Shape[1];
        RequireShapes(state);

        Quantization inputQuantization = TensorChecks.QuantizationOf(input);
        Quantization stateQuantization = TensorChecks.QuantizationOf(state);
        Quantization outputQuantization = TensorChecks.QuantizationOf(Output);
        _toState = Multiplier(inputQuantization.Scale, TensorChecks.QuantizationOf(feature).Scale, stateQuantization.Scale);
        _toOutput = Multiplier(stateQuantization.Scale, TensorChecks.QuantizationOf(time).Scale, outputQuantization.Scale);
        _inputZeroPoint = inputQuantization.ZeroPoint;
        _stateZeroPoint = stateQuantization.ZeroPoint;
        _outputZeroPoint = outputQuantization.ZeroPoint;
        _stateRange = ActivationRange.Of(state.Type);
    }

    /// <summary>a × b / c, product and quotient in float32.</summary>
    public static QuantizedMultiplier Multiplier(float a, float b, float c)
    {
        float product = a * b;
        float quotient = product / c;
        return QuantizedMultiplier.From(quotient);
    }

    /// <inheritdoc/>
    public override void Run()
    {
        int[] state = Store.LoadArray(InputIndex(4));
        PushFeatures(state);

        // Stored and read again: an int8 state with a zero point wraps when it is stored.
        Store.Store(InputIndex(4), state);
        Store.Load(InputIndex(4), state, _stateZeroPoint);
        Store.Store(OutputIndex, Outputs(state));
    }

    private void RequireShapes(Tensor state)
    {
        if (_rank < 1 || _filters % _rank != 0 || Input(1).Shape[1] != _depth || Input(2).Shape[0] != _filters
            || Input(3).ElementCount != _filters / _rank || Output.ElementCount != _batches * _filters / _rank
            || state.ElementCount != _batches * _filters * _memory)
        {
            throw new NotSupportedException("The shapes of the operands do not fit together.");
        }
    }

    // Each filter's row moves one step into the past; its last place takes the rescaled product of input and feature weights.
    private void PushFeatures(Span<int> state)
    {
        int[] input = Store.LoadArray(InputIndex(0), _inputZeroPoint);
        int[] weights = Store.LoadArray(InputIndex(1));
        state[1..].CopyTo(state);
        for (int row = 0; row < _batches * _filters; row++)
        {
            ReadOnlySpan<int> vector = input.AsSpan(row / _filters * _depth, _depth);
            ReadOnlySpan<int> filter = weights.AsSpan(row % _filters * _depth, _depth);
            int feature = _stateRange.Clamp(_toState.Apply(DotProduct.Int32(vector, filter)));
            state[(row * _memory) + _memory - 1] = feature + _stateZeroPoint;
        }
    }

    private int[] Outputs(ReadOnlySpan<int> state)
    {
        int[] weights = Store.LoadArray(InputIndex(2));
        int[] bias = Store.LoadArray(InputIndex(3));
        int units = _filters / _rank;
        int[] output = new int[_batches * units];
        for (int i = 0; i < output.Length; i++)
        {
            int sum = bias[i % units];
            for (int r = 0; r < _rank; r++)
            {
                int row = (i * _rank) + r;
                sum += DotProduct.Int32(state.Slice(row * _memory, _memory), weights.AsSpan(row % _filters * _memory, _memory));
            }

            output[i] = FixedPoint.Clamp(_toOutput.Apply(sum) + _outputZeroPoint, sbyte.MinValue, sbyte.MaxValue);
        }

        return output;
    }
}
