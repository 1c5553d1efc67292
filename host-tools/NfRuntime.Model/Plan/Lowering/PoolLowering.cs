using System;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan.Memory;

namespace NfRuntime.Model.Plan.Lowering;

/// <summary>AVERAGE_POOL_2D and MAX_POOL_2D (struct nfr_plan_pool).</summary>
internal static class PoolLowering
{
    public static LoweredOperator Lower(LoweringContext context, Pool2DAttributes attributes)
    {
        Tensor input = context.Input(0);
        Tensor output = context.Output;
        context.Require(input.Shape.Count == 4 && output.Shape.Count == 4, "a pool works on images of rank 4");
        context.Require(input.Type == output.Type, $"the output's type {output.Type} is not the input's {input.Type}");
        Quantization from = context.Quantized(input, "input");
        Quantization to = context.Quantized(output, "output");
        context.Require(from.ZeroPoint == to.ZeroPoint && Math.Abs(from.Scale - to.Scale) <= 1e-6f, "input and output differ in scale or zero point");
        (int min, int max) = context.Clamp(attributes.Activation);
        PlanKind kind = attributes.Kind == OperatorKind.MaxPool2D ? PlanKind.MaxPool2D : PlanKind.AveragePool2D;
        ParameterBlock block = new ParameterBlock()
            .U16(input.Shape[0]).U16(input.Shape[1]).U16(input.Shape[2]).U16(input.Shape[3])
            .U16(output.Shape[1]).U16(output.Shape[2])
            .U16(attributes.FilterH).U16(attributes.FilterW).U16(attributes.PadTop).U16(attributes.PadLeft)
            .U16(attributes.StrideH).U16(attributes.StrideW).I16(min).I16(max);
        var rows = new WindowRows(input.Shape[1], output.Shape[1], attributes.StrideH, attributes.PadTop, attributes.FilterH, WindowRows.TogetherAt(output.Shape[2]), block.Count);
        return new LoweredOperator(context.Node, kind, block.U32(0).ToArray())
        {
            Inputs = [context.Node.Inputs[0], -1, -1],
            Rows = input.Shape[0] == 1 ? rows : null,
        };
    }
}
