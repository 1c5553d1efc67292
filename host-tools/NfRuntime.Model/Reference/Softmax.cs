using System;
using System.Numerics;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>The rows of SOFTMAX: the last dimension, once for each index of the others.</summary>
internal abstract class Softmax : ReferenceKernel
{
    private readonly int _depth;
    private readonly int[] _input;
    private readonly int[] _output;

    /// <summary>Prepares the operator.</summary>
    protected Softmax(TensorStore store, Node node)
        : base(store, node)
    {
        _depth = Input(0).Shape[^1];
        _input = new int[Input(0).ElementCount];
        _output = new int[Output.ElementCount];
    }

    /// <inheritdoc/>
    public sealed override void Run()
    {
        Store.Load(InputIndex(0), _input);
        for (int i = 0; i < _input.Length; i += _depth)
        {
            Span<int> row = _input.AsSpan(i, _depth);
            int largest = int.MinValue;
            foreach (int value in row)
            {
                largest = Math.Max(largest, value);
            }

            Row(row, largest, _output.AsSpan(i, _depth));
        }

        Store.Store(OutputIndex, _output);
    }

    /// <summary>One row; <paramref name="largest"/> is its largest element.</summary>
    protected abstract void Row(ReadOnlySpan<int> input, int largest, Span<int> output);
}

/// <summary>
/// SOFTMAX of int8 to int8 (scale 1/256, zero point −128) or to int16 (scale 1/65536, zero point −32768), gemmlowp fixed point.
/// Source: micro/kernels/softmax_common.cc, tensorflow/lite/kernels/internal/reference/softmax.h.
/// </summary>
internal sealed class SoftmaxInt8 : Softmax
{
    private const int IntegerBits = 5;
    private const int SumIntegerBits = 12;
    private readonly ScaledInput _scaling;
    private readonly int _outputBits;
    private readonly ActivationRange _range;

    /// <summary>Prepares the operator.</summary>
    public SoftmaxInt8(TensorStore store, Node node, SoftmaxAttributes attributes)
        : base(store, node)
    {
        TensorChecks.RequireType(Input(0), ElementType.Int8);
        TensorChecks.RequireType(Output, ElementType.Int8, ElementType.Int16);
        if (Input(0).Shape[^1] >= 1 << SumIntegerBits)
        {
            throw new NotSupportedException($"A softmax over {Input(0).Shape[^1]} elements may overflow its sum of {SumIntegerBits} integer bits.");
        }

        double ratio = (double)attributes.Beta * TensorChecks.QuantizationOf(Input(0)).Scale * (1 << (31 - IntegerBits));
        if (!(ratio > 1))
        {
            throw new NotSupportedException($"An input scale times beta of {ratio / (1 << (31 - IntegerBits))} is too small.");
        }

        _scaling = ScaledInput.From(ratio, IntegerBits);
        _outputBits = 8 * Output.Type.Size();
        _range = ActivationRange.Of(Output.Type);
    }

    /// <inheritdoc/>
    protected override void Row(ReadOnlySpan<int> input, int largest, Span<int> output)
    {
        int sum = 0;
        foreach (int value in input)
        {
            if (value - largest >= -_scaling.Radius)
            {
                sum += FixedPoint.RoundingDivideByPowerOfTwo(Exp(value - largest), SumIntegerBits);
            }
        }

        int reciprocal = FixedPointFunctions.Reciprocal(sum, out int bitsOverUnit);
        int exponent = bitsOverUnit + 31 - _outputBits;
        for (int i = 0; i < input.Length; i++)
        {
            int difference = input[i] - largest;

            // From a sum of 512 on (int8 output) the exponent passes 31: every share is below half a step.
            int share = difference < -_scaling.Radius || exponent > 31
                ? 0
                : FixedPoint.RoundingDivideByPowerOfTwo(
                    FixedPoint.SaturatingRoundingDoublingHighMul(reciprocal, Exp(difference)), exponent);
            output[i] = _range.Clamp(share + _range.Min);
        }
    }

    // The shift is never negative here: the product of scale and beta was refused below 2^-26.
    private int Exp(int difference) => FixedPointFunctions.ExpOnNegative(_scaling.Multiplier.Apply(difference), IntegerBits);
}

/// <summary>
/// SOFTMAX of int16 to int16 (scale 2^−15), by tables of exp and 1/(1+x).
/// Source: micro/kernels/softmax_common.cc, tensorflow/lite/kernels/internal/reference/softmax.h SoftmaxInt16.
/// </summary>
internal sealed class SoftmaxInt16 : Softmax
{
    private readonly QuantizedMultiplier _multiplier;

    /// <summary>Prepares the operator.</summary>
    public SoftmaxInt16(TensorStore store, Node node, SoftmaxAttributes attributes)
        : base(store, node)
    {
        TensorChecks.RequireType(Output, ElementType.Int16);
        _ = TensorChecks.ZeroPointOf(Input(0));
        _ = TensorChecks.ZeroPointOf(Output);
        _multiplier = QuantizedMultiplier.From((double)Input(0).Quantization!.Scale * attributes.Beta / (10.0 / 65535.0));
    }

    /// <inheritdoc/>
    protected override void Row(ReadOnlySpan<int> input, int largest, Span<int> output)
    {
        int sum = 0;
        for (int i = 0; i < input.Length; i++)
        {
            output[i] = Exp(input[i] - largest);
            sum += output[i];
        }

        // The sum, normalized to [1, 2) with 16 fractional bits; the table takes it less 1.5.
        int headroom = BitOperations.LeadingZeroCount((uint)sum);
        int normalized = (int)((((long)sum << (headroom - 1)) + (1 << 13)) >> 14);
        int centred = normalized - ((1 << 15) + (1 << 16));
        int reciprocal = LookupTables.Interpolate(Saturate(centred), LookupTables.OneOverOnePlus);
        int shift = 31 - headroom;
        for (int i = 0; i < output.Length; i++)
        {
            int result = (int)((((long)output[i] * reciprocal) + (1L << (shift - 1))) >> shift);
            output[i] = FixedPoint.Clamp(result, 0, short.MaxValue);
        }
    }

    private int Exp(int difference) =>
        LookupTables.Interpolate(Saturate(_multiplier.Apply(difference) + 32767), LookupTables.Exp);

    private static short Saturate(int value) => (short)FixedPoint.Clamp(value, short.MinValue, short.MaxValue);
}
