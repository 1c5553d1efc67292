using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan.Memory;

namespace NfRuntime.Model.Plan.Lowering;

/// <summary>CONV_2D and DEPTHWISE_CONV_2D (struct nfr_plan_conv).</summary>
internal static class ConvolutionLowering
{
    public static LoweredOperator Lower(LoweringContext context, Conv2DAttributes attributes)
    {
        Tensor input = Image(context, context.Input(0));
        Tensor weights = context.Input(1);
        context.Require(weights.Shape.Count == 4 && weights.Shape[3] > 0 && input.Shape[3] % weights.Shape[3] == 0, $"{input.Shape[3]} input channels are not a multiple of the weights' {weights.Shape[^1]}");
        int groups = input.Shape[3] / weights.Shape[3];
        int channels = weights.Shape[0];
        context.Require(channels % groups == 0, $"{channels} output channels are not a multiple of {groups} groups");
        var geometry = new Geometry(attributes.StrideH, attributes.StrideW, attributes.DilationH, attributes.DilationW, attributes.PadTop, attributes.PadLeft, groups);
        return Lower(context, PlanKind.Conv2D, geometry, channels, attributes.Activation, attributes.QuantizedBiasType);
    }

    public static LoweredOperator Lower(LoweringContext context, DepthwiseConv2DAttributes attributes)
    {
        Tensor input = Image(context, context.Input(0));
        Tensor weights = context.Input(1);
        context.Require(weights.Shape.Count == 4 && weights.Shape[0] == 1, "weights are not of shape 1HWC");
        int channels = weights.Shape[3];
        context.Require(channels == input.Shape[3] * attributes.Multiplier, $"{channels} output channels are not {input.Shape[3]} × {attributes.Multiplier}");
        var geometry = new Geometry(attributes.StrideH, attributes.StrideW, attributes.DilationH, attributes.DilationW, attributes.PadTop, attributes.PadLeft, attributes.Multiplier);
        Tensor? bias = context.OptionalInput(2);
        context.Require(input.Type == ElementType.Int8 || bias?.Type is null or ElementType.Int64, "int16 activations need an int64 bias");
        return Lower(context, PlanKind.DepthwiseConv2D, geometry, channels, attributes.Activation, null);
    }

    private static LoweredOperator Lower(LoweringContext context, PlanKind kind, Geometry geometry, int channels, Activation activation, ElementType? biasType)
    {
        Tensor input = context.Input(0);
        Tensor weights = context.Input(1);
        Tensor output = Image(context, context.Output);
        context.Require(weights.Type == ElementType.Int8, $"weights of type {weights.Type} are not supported");
        context.Require(output.Shape[3] == channels, $"the output has {output.Shape[3]} channels, the weights {channels}");
        DepthwisePlanes? planes = kind == PlanKind.DepthwiseConv2D ? Planes(context, geometry, channels) : null;
        bool mayPair = kind == PlanKind.Conv2D && input.Type == ElementType.Int8 && geometry.Groups == 1 && context.Target.Layouts.Contains(WeightLayout.Smlad);
        byte[]? pairs = mayPair ? Requantization.TryPair(context, channels, biasType) : null;
        WeightLayout layout = pairs is not null ? WeightLayout.Smlad : planes is not null ? WeightLayout.Planes : WeightLayout.Plain;
        uint packed = context.Constants.Add(pairs ?? context.Constant(weights, "weights tensor").Span, PlanFormat.Alignment);
        bool isColumn = pairs is not null && SmladTiles.IsColumn(input, weights, output, geometry.StrideH, geometry.StrideW, geometry.PadTop, geometry.PadLeft);
        LoweredOperator Record(bool column) => Lower(context, kind, geometry, activation, biasType, layout, planes, packed, column);
        return isColumn ? Record(true) with { ByRows = Record(false) } : Record(false);
    }

    // As a column a 1×1 convolution's pixels are one behind the other, so that tiles do not end with rows.
    private static LoweredOperator Lower(
        LoweringContext context, PlanKind kind, Geometry geometry, Activation activation, ElementType? biasType, WeightLayout layout, DepthwisePlanes? planes, uint packed, bool column)
    {
        (Tensor input, Tensor weights, Tensor output) = (context.Input(0), context.Input(1), context.Output);
        (int outH, int outW) = column ? (output.Shape[1] * output.Shape[2], 1) : (output.Shape[1], output.Shape[2]);
        (int inH, int inW) = column ? (outH, outW) : (input.Shape[1], input.Shape[2]);
        var block = new ParameterBlock();
        block.U16(input.Shape[0]).U16(inH).U16(inW).U16(input.Shape[3])
            .U16(outH).U16(outW).U16(output.Shape[3])
            .U16(weights.Shape[1]).U16(weights.Shape[2])
            .U16(geometry.PadTop).U16(geometry.PadLeft).U16(geometry.Groups)
            .U8(geometry.StrideH).U8(geometry.StrideW).U8(geometry.DilationH).U8(geometry.DilationW)
            .U32(packed);
        int flags = block.Count;
        block.U32(0);
        if (layout == WeightLayout.Smlad)
        {
            Requantization.WriteBare(context, block, activation);
        }
        else
        {
            Requantization.Write(context, block, output.Shape[3], activation, biasType, singleProduct: false);
        }

        long filter = (long)weights.Shape[1] * weights.Shape[2] * (kind == PlanKind.Conv2D ? weights.Shape[3] : 1);
        WindowRows? rows = input.Shape[0] == 1
            ? new WindowRows(inH, outH, geometry.StrideH, geometry.PadTop, ((weights.Shape[1] - 1) * geometry.DilationH) + 1, WindowRows.TogetherAt(outW), flags)
            : null;
        IReadOnlyList<MemoryAlternative> ways = planes?.Ways(rows) ?? [new MemoryAlternative(
            ElementType.Int16,
            layout == WeightLayout.Smlad ? SmladTiles.ScratchBytes(filter, input.Shape[3], outH, outW) : 0,
            column && rows is not null && input.Shape[3] == output.Shape[3] ? [0] : [],
            rows)];
        return new LoweredOperator(context.Node, kind, block.ToArray())
        {
            Layout = layout,
            Inputs = [context.Node.Inputs[0], -1, -1],
            Rows = ways[^1].Rows,
            InPlace = ways[^1].InPlace,
            Alternatives = [.. ways.SkipLast(1)],
            Macs = output.ElementCount * filter,
            WeightBytes = weights.ByteSize,
            Scratch = (ways[^1].ScratchType, ways[^1].ScratchBytes),
        };
    }

    // Null when the kernels over planes do not compute it, or not in short units.
    private static DepthwisePlanes? Planes(LoweringContext context, Geometry geometry, int channels)
    {
        (Tensor input, Tensor weights, Tensor output) = (context.Input(0), context.Input(1), context.Output);
        bool known = context.Target.Layouts.Contains(WeightLayout.Planes) && input.Type == ElementType.Int8
            && geometry.DilationH == 1 && geometry.DilationW == 1 && Requantization.HasUsualScales(context, channels);
        if (!known)
        {
            return null;
        }

        var planes = new DepthwisePlanes(Extents(input), Extents(output), (weights.Shape[1], weights.Shape[2]), (geometry.StrideH, geometry.StrideW), (geometry.PadTop, geometry.PadLeft));
        return planes.Ways(null).Count > 0 ? planes : null;
    }

    private static (int H, int W, int C) Extents(Tensor image) => (image.Shape[1], image.Shape[2], image.Shape[3]);

    private static Tensor Image(LoweringContext context, Tensor tensor)
    {
        context.Require(tensor.Shape.Count == 4, $"a tensor of rank {tensor.Shape.Count} is not an image");
        return tensor;
    }

    private sealed record Geometry(int StrideH, int StrideW, int DilationH, int DilationW, int PadTop, int PadLeft, int Groups);
}
