using System;
using System.Linq;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Import.Operators;

/// <summary>Checks of scales and zero points; each reports its problem and returns whether there was none.</summary>
internal static class QuantizationChecks
{
    // Q31 multipliers have shifts up to 30; beyond, the reference kernels shift a 32-bit accumulator out of its range.
    private const double MaxFactor = (1 << 30) - 1;

    // 64-bit accumulators (int16 activations) are shifted by up to 7.
    private const double MaxWideFactor = (1 << 7) - 1;

    public static bool PerTensor(this OperatorScope op, Operand operand) => operand.Tensor.Quantization switch
    {
        null => op.Invalid($"{operand.Has} no scale", operand),
        { IsPerChannel: true } => op.Unsupported($"{operand.Is} quantized per channel", operand),
        _ => true,
    };

    /// <summary>Whether every zero point is 0; no quantization at all is fine too.</summary>
    public static bool Symmetric(this OperatorScope op, Operand operand)
    {
        int other = operand.Tensor.Quantization?.ZeroPoints.FirstOrDefault(zeroPoint => zeroPoint != 0) ?? 0;
        return other == 0 || op.Unsupported($"{operand.Has} zero point {other}; 0 is supported there", operand);
    }

    /// <summary>Int16 operands of arithmetic must have zero point 0.</summary>
    public static bool SymmetricIfInt16(this OperatorScope op, Operand operand) =>
        operand.Type != ElementType.Int16 || op.Symmetric(operand);

    /// <summary>For operators that move or compare raw values: output and input must mean the same by them.</summary>
    public static bool SameQuantization(this OperatorScope op, Operand operand, Operand other) =>
        (operand.Scale.Equals(other.Scale) && operand.ZeroPoint == other.ZeroPoint)
        || op.Unsupported(
            $"{operand.Has} scale {operand.Scale:R} and zero point {operand.ZeroPoint}, the {other.Role} {other.Scale:R} and {other.ZeroPoint}; {op.Name} does not rescale",
            operand);

    /// <summary>Whether the quantization is the only one that the operator's kernel yields.</summary>
    /// <param name="op">The operator.</param>
    /// <param name="operand">Its output.</param>
    /// <param name="scale">The scale that the kernel yields.</param>
    /// <param name="zeroPoint">The zero point that the kernel yields.</param>
    /// <param name="tolerance">How far the scale may be off, relatively.</param>
    public static bool HasQuantization(this OperatorScope op, Operand operand, double scale, int zeroPoint, double tolerance = 0.0005) =>
        (Math.Abs(operand.Scale - scale) <= scale * tolerance && operand.ZeroPoint == zeroPoint)
        || op.Unsupported(
            $"{operand.Has} scale {operand.Scale:R} and zero point {operand.ZeroPoint}; {op.Name} yields {scale:R} and {zeroPoint}",
            operand);

    /// <summary>Whether a fixed-point multiplier can stand for <paramref name="factor"/>.</summary>
    /// <param name="op">The operator.</param>
    /// <param name="factor">Real factor between accumulator and output.</param>
    /// <param name="wide">Whether the accumulator has 64 bits.</param>
    public static bool Rescales(this OperatorScope op, double factor, bool wide = false)
    {
        double most = wide ? MaxWideFactor : MaxFactor;
        return factor <= most || op.Unsupported($"rescales by {factor:G6}; at most {most:G6} is supported");
    }

    /// <summary>Whether the bounds of the fused activation can be expressed in the output's integers.</summary>
    public static bool ActivationFits(this OperatorScope op, Operand output, Activation activation)
    {
        double highest = activation == Activation.Relu6 ? 6 : 1;
        return activation is Activation.None or Activation.Relu
            || op.Rescales(highest / output.Scale);
    }

    /// <summary>
    /// Constant int8 weights with zero point 0, quantized per tensor or along <paramref name="axis"/>.
    /// </summary>
    public static bool IsWeights(this OperatorScope op, Operand weights, int axis)
    {
        bool ok = op.HasType(weights, ElementType.Int8) & op.IsConstant(weights) & op.Symmetric(weights);
        return weights.Tensor.Quantization switch
        {
            null => op.Invalid($"{weights.Has} no scale", weights),
            { IsPerChannel: true } quantization when quantization.Axis != axis =>
                op.Unsupported($"{weights.Is} quantized along dimension {quantization.Axis}, not {axis}", weights),
            _ => ok,
        };
    }

    /// <summary>A constant bias of one value a channel: int32, or int64 too where <paramref name="types"/> has it.</summary>
    public static bool IsBias(this OperatorScope op, Operand bias, int channels, params ElementType[] types) =>
        op.HasType(bias, types) & op.IsConstant(bias) & op.Symmetric(bias) & op.HasShape(bias, channels);

    /// <summary>Whether every channel's factor input scale × weight scale / output scale can be a fixed-point multiplier.</summary>
    public static bool RescalesWeighted(this OperatorScope op, Operand input, Operand weights, Operand output, bool wide)
    {
        float highest = weights.Tensor.Quantization!.Scales.Max();

        // Some kernels take the product in float32 first, where it may overflow.
        double product = Math.Max((double)input.Scale * highest, input.Scale * highest);
        return op.Rescales(product / output.Scale, wide);
    }
}
