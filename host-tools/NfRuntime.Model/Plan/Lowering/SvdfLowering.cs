using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Plan.Lowering;

/// <summary>SVDF (struct nfr_plan_svdf). Factors are formed in float32, then widened.</summary>
internal static class SvdfLowering
{
    public static LoweredOperator Lower(LoweringContext context, SvdfAttributes attributes)
    {
        Tensor input = context.Input(0);
        Tensor features = context.Input(1);
        Tensor time = context.Input(2);
        Tensor state = context.Input(4);
        context.Require(input.Type == ElementType.Int8 && features.Type == ElementType.Int8 && context.Output.Type == ElementType.Int8, "activations or feature weights are not int8");
        context.Require(time.Type == state.Type && time.Type is ElementType.Int8 or ElementType.Int16, $"time weights of type {time.Type} with a state of type {state.Type} are not supported");
        context.Require(state.IsVariable, "the state is not a variable");
        (int batches, int depth, int filters, int memory) = (input.Shape[0], features.Shape[1], features.Shape[0], time.Shape[1]);
        context.Require(attributes.Rank > 0 && filters % attributes.Rank == 0, $"{filters} filters are not a multiple of rank {attributes.Rank}");
        Quantization from = context.Quantized(input, "input");
        Quantization to = context.Quantized(context.Output, "output");
        Quantization memoryScale = context.Quantized(state, "state");
        float first = from.Scale * context.Quantized(features, "feature weights").Scale / memoryScale.Scale;
        float second = memoryScale.Scale * context.Quantized(time, "time weights").Scale / to.Scale;
        QuantizedMultiplier featureFactor = context.Multiplier(first, "features");
        QuantizedMultiplier timeFactor = context.Multiplier(second, "time weights");
        byte[] parameters = new ParameterBlock().U32(batches).U32(depth).U32(filters).U32(memory)
            .U16(attributes.Rank).I16(memoryScale.ZeroPoint)
            .I32(featureFactor.Mantissa).I32(timeFactor.Mantissa).I8(featureFactor.Shift).I8(timeFactor.Shift)
            .I16(from.ZeroPoint).I16(to.ZeroPoint).U16(0)
            .U32(context.Constants.Add(context.Constant(features, "feature weights tensor").Span, PlanFormat.Alignment))
            .U32(context.Constants.Add(context.Constant(time, "time weights tensor").Span, PlanFormat.Alignment))
            .U32(Bias(context, filters / attributes.Rank)).ToArray();
        return new LoweredOperator(context.Node, PlanKind.Svdf, parameters)
        {
            Inputs = [context.Node.Inputs[0], -1, context.Node.Inputs[4]],
            Macs = (long)batches * filters * (depth + memory),
            WeightBytes = features.ByteSize + time.ByteSize,
        };
    }

    private static uint Bias(LoweringContext context, int units)
    {
        Tensor? bias = context.OptionalInput(3);
        if (bias is null)
        {
            return PlanFormat.None32;
        }

        context.Require(bias.Type == ElementType.Int32 && bias.ElementCount == units, $"a bias of {bias.ElementCount} × {bias.Type} for {units} units is not supported");
        return context.Constants.Add(context.Constant(bias, "bias").Span, 4);
    }
}
