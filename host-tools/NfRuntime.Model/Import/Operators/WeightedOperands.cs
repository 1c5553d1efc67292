using NfRuntime.Model.Import.Schema;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Import.Operators;

/// <summary>What CONV_2D and DEPTHWISE_CONV_2D have in common: NHWC input and output, constant weights [·,H,W,·], optional bias.</summary>
internal sealed record WeightedOperands(Operand Input, Operand Weights, Operand? Bias, Operand Output)
{
    /// <summary>The four operands with the right types and ranks, or null after a report.</summary>
    public static WeightedOperands? Take(OperatorScope op)
    {
        Operand? input = op.Input(0, "input");
        Operand? weights = op.Input(1, "weights");
        bool biasUsable = op.OptionalInput(2, "bias", out Operand? bias);
        Operand? output = op.Output();
        if (input is null || weights is null || output is null || !biasUsable)
        {
            return null;
        }

        bool ok = op.IsQuantizedMap(input, output)
            & op.HasRank(input, 4, 4) & op.HasRank(output, 4, 4) & op.HasRank(weights, 4, 4);
        return ok ? new WeightedOperands(input, weights, bias, output) : null;
    }

    /// <summary>Weights, bias and their scales; output channels are the weights' dimension <paramref name="channelAxis"/>.</summary>
    /// <param name="op">The operator.</param>
    /// <param name="operands">Its operands.</param>
    /// <param name="channelAxis">0 for OHWI weights, 3 for depthwise ones.</param>
    /// <param name="narrow">Whether the kernel has 32-bit accumulators with int16 activations too, and then takes an int32 bias.</param>
    /// <param name="biasType">The option quantized_bias_type.</param>
    public static bool Check(OperatorScope op, WeightedOperands operands, int channelAxis, bool narrow, ElementType? biasType)
    {
        (Operand input, Operand weights, Operand? bias, Operand output) = operands;
        ElementType[] biasTypes = input.Type == ElementType.Int8 ? [ElementType.Int32]
            : narrow ? [ElementType.Int32, ElementType.Int64] : [ElementType.Int64];
        return op.IsWeights(weights, channelAxis)
            & op.SymmetricIfInt16(input) & op.SymmetricIfInt16(output)
            & (bias is null || op.IsBias(bias, weights[channelAxis], biasTypes))
            && op.RescalesWeighted(input, weights, output, operands.IsWide(biasType));
    }

    /// <summary>Whether accumulators have 64 bits: int16 activations, unless the bias is int32 or would be if there were one.</summary>
    public bool IsWide(ElementType? biasType) => Input.Type == ElementType.Int16 && (Bias?.Type ?? biasType) != ElementType.Int32;

    /// <summary>Resolves the padding and compares the output's shape with the windows; null after a report.</summary>
    public static (int Top, int Left)? Pad(OperatorScope op, WeightedOperands operands, int channelAxis, WindowOptions options)
    {
        (Operand input, Operand weights, _, Operand output) = operands;
        var rows = new Window("rows", input[1], weights[1], options.StrideH, options.DilationH);
        var columns = new Window("columns", input[2], weights[2], options.StrideW, options.DilationW);
        if (rows.Resolve(op, options.Padding) is not { } down || columns.Resolve(op, options.Padding) is not { } across)
        {
            return null;
        }

        return op.HasShape(output, input[0], down.Output, across.Output, weights[channelAxis]) ? (down.Before, across.Before) : null;
    }

    /// <summary>The option quantized_bias_type: null when the model does not say (float32, the schema's default).</summary>
    public static bool TryBiasType(OperatorScope op, int code, out ElementType? type)
    {
        type = code == 0 ? null : SchemaNames.ElementType(code);
        return code == 0 || type is ElementType.Int32 or ElementType.Int64
            || op.Unsupported($"has quantized_bias_type {SchemaNames.TensorType(code)}; int32 and int64 are supported");
    }
}

/// <summary>Padding scheme, strides and dilations as the options have them.</summary>
internal readonly record struct WindowOptions(int Padding, int StrideH, int StrideW, int DilationH, int DilationW);
