using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>
/// LOGISTIC, int8: gemmlowp fixed point with cut-offs beyond the input's radius; output scale 1/256, zero point −128.
/// Source: micro/kernels/logistic_common.cc, tensorflow/lite/kernels/internal/reference/integer_ops/logistic.h.
/// </summary>
internal sealed class LogisticInt8 : ReferenceKernel
{
    private const int IntegerBits = 4;
    private readonly ScaledInput _scaling;
    private readonly int _zeroPoint;
    private readonly int[] _values;

    /// <summary>Prepares the operator.</summary>
    public LogisticInt8(TensorStore store, Node node)
        : base(store, node)
    {
        TensorChecks.RequireType(Input(0), ElementType.Int8);
        TensorChecks.RequireType(Output, ElementType.Int8);
        if (TensorChecks.ZeroPointOf(Output) != sbyte.MinValue)
        {
            throw new NotSupportedException("The output's zero point must be -128.");
        }

        double ratio = TensorChecks.QuantizationOf(Input(0)).Scale * (double)(1 << (31 - IntegerBits));
        _scaling = ScaledInput.From(ratio, IntegerBits);
        _zeroPoint = TensorChecks.ZeroPointOf(Input(0));
        _values = new int[Output.ElementCount];
    }

    /// <inheritdoc/>
    public override void Run()
    {
        Store.Load(InputIndex(0), _values, _zeroPoint);
        for (int i = 0; i < _values.Length; i++)
        {
            _values[i] = Evaluate(_values[i]);
        }

        Store.Store(OutputIndex, _values);
    }

    private int Evaluate(int x)
    {
        if (x <= -_scaling.Radius)
        {
            return sbyte.MinValue;
        }

        if (x >= _scaling.Radius)
        {
            return sbyte.MaxValue;
        }

        int y = FixedPointFunctions.Logistic(_scaling.Multiplier.Apply(x));
        return FixedPoint.Clamp(FixedPoint.RoundingDivideByPowerOfTwo(y, 23) - 128, sbyte.MinValue, sbyte.MaxValue);
    }
}

/// <summary>
/// LOGISTIC, int16: the table of sigmoid(i/24), interpolated; input scale arbitrary, output scale 2^−15.
/// Source: micro/kernels/logistic_common.cc, tensorflow/lite/kernels/internal/reference/integer_ops/logistic.h.
/// </summary>
internal sealed class LogisticInt16 : ReferenceKernel
{
    private readonly int _multiplier;
    private readonly int _shift;
    private readonly int[] _values;

    /// <summary>Prepares the operator.</summary>
    public LogisticInt16(TensorStore store, Node node)
        : base(store, node)
    {
        TensorChecks.RequireType(Output, ElementType.Int16);
        _ = TensorChecks.ZeroPointOf(Input(0));
        _ = TensorChecks.ZeroPointOf(Output);
        if (!PowerOfTwo.IsNear(Output.Quantization!.Scale, out int outputPower) || outputPower != -15)
        {
            throw new NotSupportedException("The output's scale must be 2^-15.");
        }

        (_multiplier, _shift) = InputScaling(Input(0).Quantization!.Scale);
        _values = new int[Output.ElementCount];
    }

    /// <summary>Multiplier and right shift that bring the input to steps of 1/(3 × 2^12): 3 and 0 at 2^−12, else a truncated 15-bit mantissa.</summary>
    public static (int Multiplier, int Shift) InputScaling(float scale)
    {
        if (PowerOfTwo.IsNear(scale, out int power) && power == -12)
        {
            return (3, 0);
        }

        double multiplier = scale * 4096.0 * 3.0;
        int shift = 0;
        while (multiplier <= 32767.0 / 2.0 && shift <= 30)
        {
            shift++;
            multiplier *= 2.0;
        }

        if (multiplier > 32767)
        {
            throw new NotSupportedException($"An input scale of {scale} is too large for int16 LOGISTIC.");
        }

        return ((int)multiplier, shift);
    }

    /// <inheritdoc/>
    public override void Run()
    {
        Store.Load(InputIndex(0), _values);
        for (int i = 0; i < _values.Length; i++)
        {
            _values[i] = TableFunctions.Sigmoid(_values[i], _multiplier, _shift);
        }

        Store.Store(OutputIndex, _values);
    }
}
