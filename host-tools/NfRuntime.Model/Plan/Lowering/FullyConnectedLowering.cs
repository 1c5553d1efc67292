using System.Linq;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Plan.Lowering;

/// <summary>FULLY_CONNECTED (struct nfr_plan_fully_connected); outer dimensions of the input are batches.</summary>
internal static class FullyConnectedLowering
{
    public static LoweredOperator Lower(LoweringContext context, FullyConnectedAttributes attributes)
    {
        Tensor input = context.Input(0);
        Tensor weights = context.Input(1);
        context.Require(weights.Type == ElementType.Int8 && weights.Shape.Count == 2, $"weights of type {weights.Type} and rank {weights.Shape.Count} are not supported");
        int units = weights.Shape[0];
        int depth = weights.Shape[1];
        context.Require(input.ElementCount % depth == 0, $"{input.ElementCount} input elements are not a multiple of the weights' depth {depth}");
        int batches = input.ElementCount / depth;
        context.Require(context.Output.ElementCount == (long)batches * units, $"the output has {context.Output.ElementCount} elements, not {batches} × {units}");
        bool mayPair = input.Type == ElementType.Int8 && context.Target.Layouts.Contains(WeightLayout.Smlad);
        byte[]? groups = mayPair ? FullyConnectedGroups.TryPack(context.Constant(weights, "weights tensor").Span, Requantization.FoldedBias(context, units)) : null;
        uint packed = context.Constants.Add(groups ?? context.Constant(weights, "weights tensor").Span, PlanFormat.Alignment);
        ParameterBlock block = new ParameterBlock().U32(batches).U32(depth).U32(units).U32(packed);
        Requantization.Write(context, block, units, attributes.Activation, attributes.QuantizedBiasType, singleProduct: true, hasBias: groups is null);
        return new LoweredOperator(context.Node, PlanKind.FullyConnected, block.ToArray())
        {
            Layout = groups is null ? WeightLayout.Plain : WeightLayout.Smlad,
            Inputs = [context.Node.Inputs[0], -1, -1],
            Macs = (long)batches * depth * units,
            WeightBytes = weights.ByteSize,
        };
    }
}
