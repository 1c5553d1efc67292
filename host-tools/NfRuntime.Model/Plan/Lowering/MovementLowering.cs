using System.Collections.Generic;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Plan.Lowering;

/// <summary>RESHAPE that must move, PAD, TRANSPOSE (struct nfr_plan_copy, nfr_plan_pad, nfr_plan_transpose).</summary>
internal static class MovementLowering
{
    private static readonly int[] FirstOperand = [0];

    public static LoweredOperator LowerReshape(LoweringContext context)
    {
        Tensor input = context.Input(0);
        context.Require(input.ByteSize == context.Output.ByteSize && input.Type == context.Output.Type, "input and output differ in size or type");
        byte[] parameters = new ParameterBlock().U32(input.ByteSize).ToArray();
        return new LoweredOperator(context.Node, PlanKind.Copy, parameters) { Inputs = [context.Node.Inputs[0], -1, -1], InPlace = FirstOperand };
    }

    public static LoweredOperator LowerPad(LoweringContext context, PadAttributes attributes)
    {
        Tensor input = context.Input(0);
        CheckMovable(context, input);
        var sorts = new int[input.Shape.Count];
        for (int d = 0; d < sorts.Length; d++)
        {
            // A padded dimension is a sort of its own, and never merged.
            sorts[d] = attributes.Before[d] + attributes.After[d] > 0 ? d + 1 : 0;
        }

        IReadOnlyList<DimensionMerging.Dimension> merged = DimensionMerging.Merge(input.Shape, sorts, sort => sort == 0);
        context.Require(merged.Count == DimensionMerging.Rank, $"its padding needs {merged.Count} dimensions after merging; {DimensionMerging.Rank} are possible");
        var dims = new ParameterBlock();
        var before = new ParameterBlock();
        var after = new ParameterBlock();
        foreach (DimensionMerging.Dimension dimension in merged)
        {
            dims.U32(dimension.Extent);
            before.U32(dimension.Sort == 0 ? 0 : attributes.Before[dimension.Sort - 1]);
            after.U32(dimension.Sort == 0 ? 0 : attributes.After[dimension.Sort - 1]);
        }

        byte[] parameters = dims.Bytes(before.ToArray()).Bytes(after.ToArray())
            .I16(input.Type == ElementType.Int8 ? context.Output.Quantization?.ZeroPoint ?? 0 : 0).U16(0).ToArray();
        return new LoweredOperator(context.Node, PlanKind.Pad, parameters) { Inputs = [context.Node.Inputs[0], -1, -1] };
    }

    public static LoweredOperator LowerTranspose(LoweringContext context, TransposeAttributes attributes)
    {
        Tensor input = context.Input(0);
        CheckMovable(context, input);
        int rank = input.Shape.Count;
        context.Require(rank is >= 1 and <= PlanFormat.MaxRank, $"rank {rank} is not supported");
        var block = new ParameterBlock();
        for (int d = 0; d < PlanFormat.MaxRank; d++)
        {
            block.U32(d < rank ? input.Shape[d] : 1);
        }

        for (int d = 0; d < PlanFormat.MaxRank; d++)
        {
            block.U8(d < rank ? attributes.Permutation[d] : d);
        }

        byte[] parameters = block.U8(rank).U8(0).ToArray();
        return new LoweredOperator(context.Node, PlanKind.Transpose, parameters) { Inputs = [context.Node.Inputs[0], -1, -1] };
    }

    private static void CheckMovable(LoweringContext context, Tensor input)
    {
        context.Require(input.Type == context.Output.Type, $"the output's type {context.Output.Type} is not the input's {input.Type}");
        context.Require(input.Type.Size() <= 4, $"elements of type {input.Type} are not supported");
    }
}
