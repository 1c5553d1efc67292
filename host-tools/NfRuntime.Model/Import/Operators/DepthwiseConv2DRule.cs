using NfRuntime.Model.Import.FlatBuffers;
using NfRuntime.Model.Import.Schema;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Import.Operators;

/// <summary>DEPTHWISE_CONV_2D (DepthwiseConv2DOptions).</summary>
internal static class DepthwiseConv2DRule
{
    private const byte OptionsMember = 2;

    public static OperatorAttributes? Import(OperatorScope op)
    {
        if (!(op.Arity(2, 3) & op.HasOptions(OptionsMember, required: true)) || WeightedOperands.Take(op) is not { } operands)
        {
            return null;
        }

        FlatTable options = op.Options!.Value;
        bool channels = CheckChannels(op, operands, options.Int32(3));
        bool weighted = WeightedOperands.Check(op, operands, channelAxis: 3, narrow: false, biasType: null);
        Activation? activation = op.FusedActivation(options.SByte(4));
        (int Top, int Left)? padding = WeightedOperands.Pad(op, operands, channelAxis: 3, new WindowOptions(
            options.SByte(0), options.Int32(2), options.Int32(1), options.Int32(6, 1), options.Int32(5, 1)));
        if (!channels || !weighted || activation is null || padding is null || !op.ActivationFits(operands.Output, activation.Value))
        {
            return null;
        }

        return new DepthwiseConv2DAttributes(
            options.Int32(2), options.Int32(1), options.Int32(6, 1), options.Int32(5, 1),
            padding.Value.Top, padding.Value.Left, options.Int32(3), activation.Value);
    }

    private static bool CheckChannels(OperatorScope op, WeightedOperands operands, int multiplier)
    {
        Operand weights = operands.Weights;
        return (weights[0] == 1 && weights[3] == (long)operands.Input[3] * multiplier)
            || op.Invalid($"the weights have shape {Shapes.Text(weights.Tensor.Shape)}, but {operands.Input[3]} input channels with multiplier {multiplier} ask for another", weights);
    }
}
