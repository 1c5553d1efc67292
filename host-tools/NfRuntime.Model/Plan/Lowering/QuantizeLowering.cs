using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Plan.Lowering;

/// <summary>QUANTIZE and DEQUANTIZE (struct nfr_plan_quantize, nfr_plan_requantize, nfr_plan_lut).</summary>
internal static class QuantizeLowering
{
    private static readonly int[] FirstOperand = [0];

    public static LoweredOperator LowerQuantize(LoweringContext context)
    {
        Tensor input = context.Input(0);
        Tensor output = context.Output;
        context.Require(output.Type is ElementType.Int8 or ElementType.Int16 or ElementType.Int32, $"an output of type {output.Type} is not supported");
        if (input.Type == ElementType.Float32)
        {
            context.Require(output.Type != ElementType.Int32, "float32 → int32 is not supported");
            return Float(context, PlanKind.Quantize, context.Quantized(output, "output"), FirstOperand);
        }

        context.Require(input.Type is ElementType.Int8 or ElementType.Int16, $"an input of type {input.Type} is not supported");
        Quantization from = context.Quantized(input, "input");
        Quantization to = context.Quantized(output, "output");
        QuantizedMultiplier multiplier = context.Multiplier((double)from.Scale / to.Scale, "input");
        if (input.Type == ElementType.Int8 && output.Type == ElementType.Int8)
        {
            return ActivationLowering.Lut(context, LookupTables.Requantize8(from, to));
        }

        byte[] parameters = new ParameterBlock().U32(input.ElementCount).I32(multiplier.Mantissa).I32(multiplier.Shift)
            .I32(from.ZeroPoint).I32(to.ZeroPoint).ToArray();
        return new LoweredOperator(context.Node, PlanKind.Requantize, parameters)
        {
            Inputs = [context.Node.Inputs[0], -1, -1],
            InPlace = output.Type.Size() <= input.Type.Size() ? FirstOperand : [],
        };
    }

    public static LoweredOperator LowerDequantize(LoweringContext context)
    {
        Tensor input = context.Input(0);
        context.Require(input.Type is ElementType.Int8 or ElementType.Int16, $"an input of type {input.Type} is not supported");
        context.Require(context.Output.Type == ElementType.Float32, $"an output of type {context.Output.Type} is not supported");
        return Float(context, PlanKind.Dequantize, context.Quantized(input, "input"), []);
    }

    private static LoweredOperator Float(LoweringContext context, PlanKind kind, Quantization quantization, int[] inPlace)
    {
        byte[] parameters = new ParameterBlock().U32(context.Output.ElementCount).F32(quantization.Scale).I32(quantization.ZeroPoint).ToArray();
        return new LoweredOperator(context.Node, kind, parameters) { Inputs = [context.Node.Inputs[0], -1, -1], InPlace = inPlace };
    }
}
