using System;
using System.Numerics;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>
/// MEAN, int8 and int16: an int32 sum, and one rescale whose multiplier contains 1/n by a truncating division.
/// Source: micro/kernels/reduce_common.cc, tensorflow/lite/kernels/internal/reference/reduce.h QuantizedMeanOrSum.
/// </summary>
internal sealed class Mean : ReferenceKernel
{
    private readonly QuantizedMultiplier _multiplier;
    private readonly int _inputTotal;
    private readonly int _outputZeroPoint;
    private readonly ActivationRange _range;
    private readonly int[] _outputStrides;
    private readonly int[] _input;
    private readonly int[] _output;

    /// <summary>Prepares the operator.</summary>
    public Mean(TensorStore store, Node node, MeanAttributes attributes)
        : base(store, node)
    {
        Tensor input = Input(0);
        TensorChecks.RequireType(input, ElementType.Int8, ElementType.Int16);
        TensorChecks.RequireType(Output, input.Type);
        _outputStrides = StridesOfKept(input, attributes, out long reduced);
        if (reduced * Output.ElementCount != input.ElementCount)
        {
            throw new NotSupportedException($"A mean of {reduced} elements each does not turn {input.ElementCount} into {Output.ElementCount}.");
        }

        double ratio = (double)TensorChecks.QuantizationOf(input).Scale / TensorChecks.QuantizationOf(Output).Scale;
        _multiplier = DivideBy(QuantizedMultiplier.From(ratio), reduced);
        _inputTotal = (int)(TensorChecks.ZeroPointOf(input) * reduced);
        _outputZeroPoint = TensorChecks.ZeroPointOf(Output);
        _range = ActivationRange.Of(Output.Type);
        _input = new int[input.ElementCount];
        _output = new int[Output.ElementCount];
    }

    /// <summary>multiplier / n: the mantissa is first moved left by as many bits as n has below its leading one, then divided with truncation.</summary>
    public static QuantizedMultiplier DivideBy(QuantizedMultiplier multiplier, long n)
    {
        int shift = 63 - BitOperations.LeadingZeroCount((ulong)n);
        shift = Math.Min(shift, 32);
        shift = Math.Min(shift, 31 + multiplier.Shift);
        return new QuantizedMultiplier((int)(((long)multiplier.Multiplier << shift) / n), multiplier.Shift - shift);
    }

    /// <inheritdoc/>
    public override void Run()
    {
        Store.Load(InputIndex(0), _input);
        Array.Clear(_output);
        int[] position = new int[_outputStrides.Length];
        int at = 0;
        foreach (int value in _input)
        {
            _output[at] += value;
            at = Broadcast.Advance(position, Input(0).Shape, _outputStrides, at);
        }

        for (int i = 0; i < _output.Length; i++)
        {
            _output[i] = _range.Clamp(_multiplier.Apply(_output[i] - _inputTotal) + _outputZeroPoint);
        }

        Store.Store(OutputIndex, _output);
    }

    // Strides of the output seen from the input's dimensions: 0 where the dimension is reduced.
    private static int[] StridesOfKept(Tensor input, MeanAttributes attributes, out long reduced)
    {
        int[] strides = new int[input.Shape.Count];
        int stride = 1;
        reduced = 1;
        for (int axis = strides.Length - 1; axis >= 0; axis--)
        {
            bool isReduced = System.Linq.Enumerable.Contains(attributes.Axes, axis);
            strides[axis] = isReduced ? 0 : stride;
            stride *= isReduced ? 1 : input.Shape[axis];
            reduced *= isReduced ? input.Shape[axis] : 1;
        }

        return strides;
    }
}
