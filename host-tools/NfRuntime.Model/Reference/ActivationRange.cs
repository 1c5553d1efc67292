using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>Clamping bounds of a fused activation in the output's quantized domain (SPEC.md §2).</summary>
/// <param name="Min">Lower bound.</param>
/// <param name="Max">Upper bound.</param>
internal readonly record struct ActivationRange(int Min, int Max)
{
    /// <summary>The range of an integer type.</summary>
    /// <exception cref="NotSupportedException">Not int8, int16 or int32.</exception>
    public static ActivationRange Of(ElementType type) => type switch
    {
        ElementType.Int8 => new ActivationRange(sbyte.MinValue, sbyte.MaxValue),
        ElementType.Int16 => new ActivationRange(short.MinValue, short.MaxValue),
        ElementType.Int32 => new ActivationRange(int.MinValue, int.MaxValue),
        _ => throw new NotSupportedException($"{type} has no integer range."),
    };

    /// <summary>Bounds of <paramref name="activation"/> over <paramref name="output"/>. Source: tensorflow/lite/kernels/kernel_util.cc CalculateActivationRangeQuantized.</summary>
    public static ActivationRange Of(Activation activation, Tensor output)
    {
        ActivationRange full = Of(output.Type);
        return activation switch
        {
            Activation.None => full,
            Activation.Relu => full with { Min = Math.Max(full.Min, Quantize(0, output)) },
            Activation.Relu6 => new ActivationRange(Math.Max(full.Min, Quantize(0, output)), Math.Min(full.Max, Quantize(6, output))),
            Activation.ReluN1To1 => new ActivationRange(Math.Max(full.Min, Quantize(-1, output)), Math.Min(full.Max, Quantize(1, output))),
            _ => throw new NotSupportedException($"Fused activation {activation} is not supported."),
        };
    }

    /// <summary>x clamped to the range.</summary>
    public int Clamp(int x) => Math.Min(Math.Max(x, Min), Max);

    // The quotient is a float32.
    private static int Quantize(float value, Tensor output)
    {
        Quantization quantization = TensorChecks.QuantizationOf(output);
        long steps = FixedPoint.RoundToInt(value / quantization.Scale);
        return (int)Math.Clamp(quantization.ZeroPoint + steps, int.MinValue, int.MaxValue);
    }
}
