using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Plan.Lowering;

/// <summary>LOGISTIC and SOFTMAX (struct nfr_plan_lut, nfr_plan_logistic16, nfr_plan_softmax).</summary>
internal static class ActivationLowering
{
    private static readonly int[] FirstOperand = [0];

    public static LoweredOperator LowerLogistic(LoweringContext context)
    {
        Tensor input = context.Input(0);
        context.Require(input.Type == context.Output.Type, $"the output's type {context.Output.Type} is not the input's {input.Type}");
        if (input.Type == ElementType.Int8)
        {
            Quantization quantization = context.Quantized(input, "input");
            Quantization output = context.Quantized(context.Output, "output");
            context.Require(output.ZeroPoint == sbyte.MinValue, $"the output's zero point is {output.ZeroPoint}, not −128");
            context.Require(quantization.Scale >= Math.ScaleB(1, -27), $"the input's scale {quantization.Scale} is too small");
            return Lut(context, LookupTables.Logistic8(quantization));
        }

        context.Require(input.Type == ElementType.Int16, $"an input of type {input.Type} is not supported");
        return Logistic16(context, input);
    }

    /// <summary>An element-wise int8 function by its table.</summary>
    public static LoweredOperator Lut(LoweringContext context, byte[] table)
    {
        byte[] parameters = new ParameterBlock().U32(context.Output.ElementCount).U32(context.Constants.Add(table, 1)).ToArray();
        return new LoweredOperator(context.Node, PlanKind.Lut, parameters) { Inputs = [context.Node.Inputs[0], -1, -1], InPlace = FirstOperand };
    }

    public static LoweredOperator LowerSoftmax(LoweringContext context, SoftmaxAttributes attributes)
    {
        Tensor input = context.Input(0);
        context.Require(input.Shape.Count >= 1, "the input is a scalar");
        long depth = input.Shape[^1];
        ParameterBlock block = new ParameterBlock().U32(input.ElementCount / depth).U32(depth);
        if (input.Type == ElementType.Int8)
        {
            Softmax8(context, block, attributes, depth);
        }
        else
        {
            Softmax16(context, block, attributes);
        }

        return new LoweredOperator(context.Node, PlanKind.Softmax, block.ToArray())
        {
            Inputs = [context.Node.Inputs[0], -1, -1],
            InPlace = context.Output.Type == input.Type ? FirstOperand : [],
        };
    }

    // Power-of-two scale 2^-12: multiplier 0. Otherwise scale × 4096 × 3 as a 15-bit factor and a right shift.
    private static LoweredOperator Logistic16(LoweringContext context, Tensor input)
    {
        Quantization quantization = context.Quantized(input, "input");
        Quantization output = context.Quantized(context.Output, "output");
        context.Require(quantization.ZeroPoint == 0 && output.ZeroPoint == 0, "int16 zero points are not 0");
        context.Require(PowersOfTwo.Exponent(output.Scale) == -15, $"the output's scale {output.Scale} is not 2^−15");
        int multiplier = 0;
        int shift = 0;
        if (PowersOfTwo.Exponent(quantization.Scale) != -12)
        {
            double factor = quantization.Scale * 4096.0 * 3.0;
            while (factor <= short.MaxValue / 2.0 && shift <= 30)
            {
                shift++;
                factor *= 2.0;
            }

            context.Require(factor < short.MaxValue + 1, $"the input's scale {quantization.Scale} is too large");
            multiplier = (int)factor;
        }

        context.Require(multiplier != 0 || shift == 0, $"the input's scale {quantization.Scale} is too small");
        byte[] parameters = new ParameterBlock().U32(input.ElementCount).I32(multiplier).I32(shift)
            .U32(context.Constants.Add(LookupTables.Sigmoid16(), 2)).ToArray();
        return new LoweredOperator(context.Node, PlanKind.Logistic16, parameters) { Inputs = [context.Node.Inputs[0], -1, -1], InPlace = FirstOperand };
    }

    private static void Softmax8(LoweringContext context, ParameterBlock block, SoftmaxAttributes attributes, long depth)
    {
        const int IntegerBits = 5;
        const int MaxDepth = 4095;
        ElementType type = context.Output.Type;
        Quantization output = context.Quantized(context.Output, "output");
        bool narrow = type == ElementType.Int8 && output.ZeroPoint == sbyte.MinValue && output.Scale == 1f / 256f;
        bool wide = type == ElementType.Int16 && output.ZeroPoint == short.MinValue && Math.Abs((output.Scale * 65536f) - 1f) < 0.001f;
        context.Require(narrow || wide, $"an output of type {type}, scale {output.Scale}, zero point {output.ZeroPoint} is not supported");
        context.Require(depth <= MaxDepth, $"{depth} classes are more than {MaxDepth}");
        double scaled = (double)attributes.Beta * context.Quantized(context.Input(0), "input").Scale * Math.ScaleB(1, 31 - IntegerBits);
        context.Require(scaled > 1.0, $"beta × input scale {scaled * Math.ScaleB(1, IntegerBits - 31)} is too small");
        QuantizedMultiplier multiplier = QuantizedMultiplier.From(Math.Min(scaled, int.MaxValue));
        long difference = -(long)Math.Floor(LookupTables.InputRadius(IntegerBits, multiplier.Shift));
        if (!multiplier.IsRepresentable)
        {
            // Only the largest elements count then, whose difference is 0: any factor does.
            multiplier = new QuantizedMultiplier(int.MaxValue, PlanFormat.MaxShift);
        }

        block.I32(multiplier.Mantissa).I32(difference).I8(multiplier.Shift).Zeros(3).U32(PlanFormat.None32).U32(PlanFormat.None32);
    }

    private static void Softmax16(LoweringContext context, ParameterBlock block, SoftmaxAttributes attributes)
    {
        Tensor input = context.Input(0);
        context.Require(input.Type == ElementType.Int16 && context.Output.Type == ElementType.Int16, $"types {input.Type} → {context.Output.Type} are not supported");
        Quantization quantization = context.Quantized(input, "input");
        Quantization output = context.Quantized(context.Output, "output");
        context.Require(quantization.ZeroPoint == 0 && output.ZeroPoint == 0, "int16 zero points are not 0");
        context.Require(Math.Abs((output.Scale * 32768f) - 1f) < 0.001f, $"the output's scale {output.Scale} is not 2^−15");
        QuantizedMultiplier multiplier = context.Multiplier((double)quantization.Scale * attributes.Beta / (10.0 / 65535.0), "input");
        block.I32(multiplier.Mantissa).I32(0).I8(multiplier.Shift).Zeros(3)
            .U32(context.Constants.Add(LookupTables.Exp16(), 2)).U32(context.Constants.Add(LookupTables.Reciprocal16(), 2));
    }
}
