using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Plan.Lowering;

/// <summary>From an operator of the IR to the record of a plan: kind, parameters, constants.</summary>
internal static class OperatorLowering
{
    /// <exception cref="CompileException">The operator cannot be represented; the message names it.</exception>
    public static LoweredOperator Lower(LoweringContext context)
    {
        context.Require(context.Node.Outputs.Count == 1, $"{context.Node.Outputs.Count} outputs are not supported");
        try
        {
            return Dispatch(context);
        }
        catch (OverflowException)
        {
            throw context.Error("a dimension or parameter exceeds its field in the plan");
        }
    }

    private static LoweredOperator Dispatch(LoweringContext context) => context.Node.Attributes switch
    {
        Conv2DAttributes attributes => ConvolutionLowering.Lower(context, attributes),
        DepthwiseConv2DAttributes attributes => ConvolutionLowering.Lower(context, attributes),
        FullyConnectedAttributes attributes => FullyConnectedLowering.Lower(context, attributes),
        Pool2DAttributes attributes => PoolLowering.Lower(context, attributes),
        ElementwiseAttributes attributes => ElementwiseLowering.Lower(context, attributes),
        SoftmaxAttributes attributes => ActivationLowering.LowerSoftmax(context, attributes),
        PadAttributes attributes => MovementLowering.LowerPad(context, attributes),
        MeanAttributes attributes => MeanLowering.Lower(context, attributes),
        TransposeAttributes attributes => MovementLowering.LowerTranspose(context, attributes),
        SvdfAttributes attributes => SvdfLowering.Lower(context, attributes),
        LstmAttributes attributes => LstmLowering.Lower(context, attributes),
        PlainAttributes { Kind: OperatorKind.Reshape } => MovementLowering.LowerReshape(context),
        PlainAttributes { Kind: OperatorKind.Logistic } => ActivationLowering.LowerLogistic(context),
        PlainAttributes { Kind: OperatorKind.Quantize } => QuantizeLowering.LowerQuantize(context),
        PlainAttributes { Kind: OperatorKind.Dequantize } => QuantizeLowering.LowerDequantize(context),
        _ => throw context.Error("the operator is not supported"),
    };
}
