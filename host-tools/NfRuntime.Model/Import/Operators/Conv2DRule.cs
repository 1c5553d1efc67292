using NfRuntime.Model.Import.FlatBuffers;
using NfRuntime.Model.Import.Schema;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Import.Operators;

/// <summary>CONV_2D (Conv2DOptions), grouped convolutions included.</summary>
internal static class Conv2DRule
{
    private const byte OptionsMember = 1;

    public static OperatorAttributes? Import(OperatorScope op)
    {
        if (!(op.Arity(2, 3) & op.HasOptions(OptionsMember, required: true)) || WeightedOperands.Take(op) is not { } operands)
        {
            return null;
        }

        FlatTable options = op.Options!.Value;
        bool groups = CheckGroups(op, operands);
        bool biasType = WeightedOperands.TryBiasType(op, options.SByte(6), out ElementType? quantizedBiasType);
        bool weighted = WeightedOperands.Check(op, operands, channelAxis: 0, narrow: true, quantizedBiasType);
        Activation? activation = op.FusedActivation(options.SByte(3));
        (int Top, int Left)? padding = WeightedOperands.Pad(op, operands, channelAxis: 0, new WindowOptions(
            options.SByte(0), options.Int32(2), options.Int32(1), options.Int32(5, 1), options.Int32(4, 1)));
        if (!groups || !weighted || !biasType || activation is null || padding is null || !op.ActivationFits(operands.Output, activation.Value))
        {
            return null;
        }

        return new Conv2DAttributes(
            options.Int32(2), options.Int32(1), options.Int32(5, 1), options.Int32(4, 1), padding.Value.Top, padding.Value.Left, activation.Value)
        {
            QuantizedBiasType = quantizedBiasType,
        };
    }

    private static bool CheckGroups(OperatorScope op, WeightedOperands operands)
    {
        int channels = operands.Input[3];
        int depth = operands.Weights[3];
        return (channels % depth == 0 && operands.Weights[0] % (channels / depth) == 0)
            || op.Invalid($"the weights have shape {Shapes.Text(operands.Weights.Tensor.Shape)}, which does not divide {channels} input channels into groups", operands.Weights);
    }
}
