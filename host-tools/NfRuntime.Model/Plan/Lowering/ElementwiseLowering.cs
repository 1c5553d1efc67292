using System;
using System.Collections.Generic;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Plan.Lowering;

/// <summary>ADD and MUL with broadcasting merged to rank 4 (struct nfr_plan_add, nfr_plan_mul).</summary>
internal static class ElementwiseLowering
{
    public static LoweredOperator Lower(LoweringContext context, ElementwiseAttributes attributes)
    {
        Tensor a = context.Input(0);
        Tensor b = context.Input(1);
        context.Require(a.Type == b.Type && a.Type == context.Output.Type, $"types {a.Type}, {b.Type} and {context.Output.Type} differ");
        Broadcast broadcast = Merge(context, a.Shape, b.Shape, context.Output.Shape);
        (int min, int max) = context.Clamp(attributes.Activation);
        byte[] parameters = attributes.Kind == OperatorKind.Add
            ? Add(context, broadcast, min, max)
            : Mul(context, broadcast, min, max);
        var inPlace = new List<int>();
        if (broadcast.Bits0 == 0)
        {
            inPlace.Add(0);
        }

        if (broadcast.Bits1 == 0)
        {
            inPlace.Add(1);
        }

        PlanKind kind = attributes.Kind == OperatorKind.Add ? PlanKind.Add : PlanKind.Mul;
        return new LoweredOperator(context.Node, kind, parameters)
        {
            Inputs = [context.Node.Inputs[0], context.Node.Inputs[1], -1],
            InPlace = inPlace,
        };
    }

    private static byte[] Add(LoweringContext context, Broadcast broadcast, int min, int max)
    {
        Quantization a = context.Quantized(context.Input(0), "first input");
        Quantization b = context.Quantized(context.Input(1), "second input");
        Quantization output = context.Quantized(context.Output, "output");
        int leftShift = context.Output.Type == ElementType.Int16 ? 15 : 20;
        double twiceLarger = 2.0 * Math.Max(a.Scale, b.Scale);
        QuantizedMultiplier first = context.Multiplier(a.Scale / twiceLarger, "first input");
        QuantizedMultiplier second = context.Multiplier(b.Scale / twiceLarger, "second input");
        QuantizedMultiplier result = context.Multiplier(twiceLarger / ((1 << leftShift) * (double)output.Scale), "output");
        context.Require(result.Shift <= 0, $"the output's scale {output.Scale} is too small for inputs of scale {a.Scale} and {b.Scale}");
        return Dims(broadcast).U8(broadcast.Bits0).U8(broadcast.Bits1).U8(leftShift)
            .I8(first.Shift).I8(second.Shift).I8(result.Shift).I16(min)
            .I32(first.Mantissa).I32(second.Mantissa).I32(result.Mantissa)
            .I16(max).I16(-a.ZeroPoint).I16(-b.ZeroPoint).I16(output.ZeroPoint).ToArray();
    }

    private static byte[] Mul(LoweringContext context, Broadcast broadcast, int min, int max)
    {
        Quantization a = context.Quantized(context.Input(0), "first input");
        Quantization b = context.Quantized(context.Input(1), "second input");
        Quantization output = context.Quantized(context.Output, "output");
        QuantizedMultiplier multiplier = context.Multiplier((double)a.Scale * b.Scale / output.Scale, "product");
        return Dims(broadcast).U8(broadcast.Bits0).U8(broadcast.Bits1).I8(multiplier.Shift).U8(0).I32(multiplier.Mantissa)
            .I16(min).I16(max).I16(-a.ZeroPoint).I16(-b.ZeroPoint).I16(output.ZeroPoint).U16(0).ToArray();
    }

    private static ParameterBlock Dims(Broadcast broadcast)
    {
        var block = new ParameterBlock();
        foreach (long extent in broadcast.Dims)
        {
            block.U32(extent);
        }

        return block;
    }

    // A dimension's sort says which operand has extent 1 there while the output has more: bit 0 the first, bit 1 the second.
    private static Broadcast Merge(LoweringContext context, IReadOnlyList<int> a, IReadOnlyList<int> b, IReadOnlyList<int> output)
    {
        int rank = output.Count;
        context.Require(a.Count <= rank && b.Count <= rank, "an input has more dimensions than the output");
        var sorts = new int[rank];
        for (int d = 0; d < rank; d++)
        {
            int extentA = Extent(a, d - rank + a.Count);
            int extentB = Extent(b, d - rank + b.Count);
            context.Require((extentA == output[d] || extentA == 1) && (extentB == output[d] || extentB == 1), $"extents {extentA} and {extentB} do not broadcast to {output[d]}");
            sorts[d] = (extentA != output[d] ? 1 : 0) | (extentB != output[d] ? 2 : 0);
        }

        IReadOnlyList<DimensionMerging.Dimension> merged = DimensionMerging.Merge(output, sorts, _ => true);
        context.Require(merged.Count == DimensionMerging.Rank, $"its broadcast needs {merged.Count} dimensions after merging; {DimensionMerging.Rank} are possible");
        var dims = new long[DimensionMerging.Rank];
        int bits0 = 0;
        int bits1 = 0;
        for (int d = 0; d < dims.Length; d++)
        {
            dims[d] = merged[d].Extent;
            bits0 |= (merged[d].Sort & 1) << d;
            bits1 |= (merged[d].Sort >> 1) << d;
        }

        return new Broadcast(dims, bits0, bits1);
    }

    private static int Extent(IReadOnlyList<int> shape, int d) => d < 0 ? 1 : shape[d];

    private sealed record Broadcast(long[] Dims, int Bits0, int Bits1);
}
