using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Plan.Lowering;

/// <summary>MEAN (struct nfr_plan_mean): 1/n is folded into the multiplier by a truncating division.</summary>
internal static class MeanLowering
{
    public static LoweredOperator Lower(LoweringContext context, MeanAttributes attributes)
    {
        Tensor input = context.Input(0);
        context.Require(input.Type == context.Output.Type, $"the output's type {context.Output.Type} is not the input's {input.Type}");
        _ = context.Range(input.Type);
        var sorts = new int[input.Shape.Count];
        long count = 1;
        foreach (int axis in attributes.Axes)
        {
            sorts[axis] = 1;
            count *= input.Shape[axis];
        }

        // A reduced dimension of extent 1 is one that is kept.
        sorts = [.. sorts.Select((sort, d) => input.Shape[d] == 1 ? 0 : sort)];
        IReadOnlyList<DimensionMerging.Dimension> merged = DimensionMerging.Merge(input.Shape, sorts, _ => true);
        context.Require(merged.Count == DimensionMerging.Rank, $"its axes need {merged.Count} dimensions after merging; {DimensionMerging.Rank} are possible");
        Quantization from = context.Quantized(input, "input");
        Quantization to = context.Quantized(context.Output, "output");
        QuantizedMultiplier multiplier = Divide(context.Multiplier((double)from.Scale / to.Scale, "input"), count);
        var block = new ParameterBlock();
        int reduce = 0;
        for (int d = 0; d < merged.Count; d++)
        {
            block.U32(merged[d].Extent);
            reduce |= merged[d].Sort << d;
        }

        block.U8(reduce).Zeros(3).I32(multiplier.Mantissa).I32(multiplier.Shift)
            .I16(from.ZeroPoint).I16(to.ZeroPoint).U32(0);
        return new LoweredOperator(context.Node, PlanKind.Mean, block.ToArray()) { Inputs = [context.Node.Inputs[0], -1, -1] };
    }

    // floor(log2 n) of the precision is won back by a right shift, as far as the shift's range allows.
    private static QuantizedMultiplier Divide(QuantizedMultiplier multiplier, long count)
    {
        int shift = Math.Min(Math.Min((int)Math.Floor(Math.Log2(count)), 32), 31 + multiplier.Shift);
        return new QuantizedMultiplier((int)(((long)multiplier.Mantissa << shift) / count), multiplier.Shift - shift);
    }
}
