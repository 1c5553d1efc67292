using System;
using System.Linq;
using NfRuntime.Model.Import.FlatBuffers;
using NfRuntime.Model.Import.Schema;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Import.Operators;

/// <summary>FULLY_CONNECTED (FullyConnectedOptions).</summary>
internal static class FullyConnectedRule
{
    private const byte OptionsMember = 8;

    public static OperatorAttributes? Import(OperatorScope op)
    {
        if (!(op.Arity(2, 3) & op.HasOptions(OptionsMember, required: true)))
        {
            return null;
        }

        Operand? input = op.Input(0, "input");
        Operand? weights = op.Input(1, "weights");
        bool biasUsable = op.OptionalInput(2, "bias", out Operand? bias);
        Operand? output = op.Output();
        if (input is null || weights is null || output is null || !biasUsable
            || !(op.IsQuantizedMap(input, output) & op.HasRank(weights, 2, 2) & op.IsWeights(weights, axis: 0)))
        {
            return null;
        }

        FlatTable options = op.Options!.Value;
        bool formatted = options.SByte(1) == 0 || op.Unsupported("has shuffled weights");
        bool shapes = CheckShapes(op, input, weights, output, options.Boolean(2));
        bool biasType = WeightedOperands.TryBiasType(op, options.SByte(4), out ElementType? quantizedBiasType);
        var operands = new WeightedOperands(input, weights, bias, output);
        bool quantized = op.SymmetricIfInt16(input) & op.SymmetricIfInt16(output)
            & op.RescalesWeighted(input, weights, output, operands.IsWide(quantizedBiasType));
        bool biased = bias is null || CheckBias(op, operands);
        Activation? activation = op.FusedActivation(options.SByte(0));
        if (!formatted || !shapes || !quantized || !biased || !biasType || activation is null || !op.ActivationFits(output, activation.Value))
        {
            return null;
        }

        return new FullyConnectedAttributes(activation.Value, options.Boolean(2)) { QuantizedBiasType = quantizedBiasType };
    }

    private static bool CheckShapes(OperatorScope op, Operand input, Operand weights, Operand output, bool keepDimensions)
    {
        int depth = weights[1];
        int elements = input.Tensor.ElementCount;
        if (elements % depth != 0 || (keepDimensions && (input.Rank == 0 || input[^1] != depth)))
        {
            return op.Invalid($"the input has shape {Shapes.Text(input.Tensor.Shape)}, which is no batch of {depth} values", input);
        }

        if (keepDimensions)
        {
            return op.HasShape(output, [.. input.Tensor.Shape.SkipLast(1), weights[0]]);
        }

        // Writers may keep leading dimensions of 1; what counts is batches × units.
        bool matches = output.Rank > 0 && output[^1] == weights[0] && output.Tensor.ElementCount == (long)(elements / depth) * weights[0];
        return matches || op.HasShape(output, elements / depth, weights[0]);
    }

    // The reference kernel refuses a bias in other units than the accumulator's, when the weights are quantized per tensor.
    private static bool CheckBias(OperatorScope op, WeightedOperands operands)
    {
        (Operand input, Operand weights, Operand? bias, Operand output) = operands;
        ElementType[] types = input.Type == ElementType.Int8 ? [ElementType.Int32] : [ElementType.Int32, ElementType.Int64];
        if (!op.IsBias(bias!, weights[0], types))
        {
            return false;
        }

        if (bias!.Tensor.Quantization is not { } quantization || weights.Tensor.Quantization!.IsPerChannel)
        {
            return true;
        }

        double product = (double)input.Scale * weights.Scale;
        return Math.Abs(product - quantization.Scale) / output.Scale <= 0.02
            || op.Invalid($"the bias has scale {quantization.Scale:R}, but input × weights is {product:G9}", bias);
    }
}
