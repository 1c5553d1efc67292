using System;
using System.Buffers.Binary;
using System.Linq;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Plan.Lowering;

/// <summary>The requantization block of convolutions and fully connected layers (struct nfr_plan_requant).</summary>
internal static class Requantization
{
    /// <summary>Largest left shift of a multiplier for a 64-bit accumulator.</summary>
    public const int MaxShift64 = 7;

    /// <summary>Writes the block.</summary>
    /// <param name="context">The operator: input 0 activation, 1 weights, 2 optional bias.</param>
    /// <param name="block">Receives 24 bytes.</param>
    /// <param name="channels">Output channels or units.</param>
    /// <param name="activation">Fused activation.</param>
    /// <param name="biasType">Type in which a missing bias is accumulated with int16 activations, when the model says so.</param>
    /// <param name="singleProduct">
    /// Whether a per-tensor factor multiplies input scale and weight scale in float32 before the division (FULLY_CONNECTED).
    /// </param>
    /// <param name="hasBias">Whether the biases are named here; false when they stand with the weights.</param>
    public static void Write(LoweringContext context, ParameterBlock block, int channels, Activation activation, ElementType? biasType, bool singleProduct, bool hasBias = true)
    {
        Tensor input = context.Input(0);
        Tensor? bias = context.OptionalInput(2);
        bool wide = Accumulates64(context, input, bias, biasType);
        QuantizedMultiplier[] multipliers = Multipliers(context, channels, singleProduct);
        foreach (QuantizedMultiplier multiplier in multipliers)
        {
            context.Require(!wide || multiplier.Shift <= MaxShift64, $"a factor beyond 2^{MaxShift64} is not possible with a 64-bit accumulator");
        }

        (uint mantissas, uint shifts) = context.AddMultipliers(multipliers);
        RequantOptions flags = multipliers.Length > 1 ? RequantOptions.PerChannel : RequantOptions.None;
        flags |= wide ? RequantOptions.Accumulator64 : RequantOptions.None;
        flags |= bias?.Type == ElementType.Int64 ? RequantOptions.Bias64 : RequantOptions.None;
        Write(context, block, activation, Bias(context, hasBias ? bias : null, channels), mantissas, shifts, flags);
    }

    /// <summary>The block of an operator whose biases and multipliers stand with its weights: but for offsets and clamp it is 0.</summary>
    public static void WriteBare(LoweringContext context, ParameterBlock block, Activation activation) => Write(context, block, activation, 0, 0, 0, RequantOptions.None);

    /// <summary>Pairs of channels of a convolution with int8 activations; null where there can be none.</summary>
    public static byte[]? TryPair(LoweringContext context, int channels, ElementType? biasType)
    {
        Tensor? bias = context.OptionalInput(2);
        _ = Accumulates64(context, context.Input(0), bias, biasType);
        QuantizedMultiplier[] multipliers = Multipliers(context, channels, singleProduct: false);
        multipliers = multipliers.Length == channels ? multipliers : [.. Enumerable.Repeat(multipliers[0], channels)];
        return ConvolutionPairs.TryPack(context.Constant(context.Input(1), "weights tensor").Span, FoldedBias(context, channels), multipliers);
    }

    private static void Write(LoweringContext context, ParameterBlock block, Activation activation, uint bias, uint mantissas, uint shifts, RequantOptions flags)
    {
        (int min, int max) = context.Clamp(activation);
        block.U32(bias).U32(mantissas).U32(shifts)
            .I16(-context.Quantized(context.Input(0), "input").ZeroPoint).I16(context.Quantized(context.Output, "output").ZeroPoint)
            .I16(min).I16(max).U32((int)flags);
    }

    /// <summary>Whether each factor is below 1/2 and not 0: a mantissa of 31 bits and a shift to the right.</summary>
    public static bool HasUsualScales(LoweringContext context, int channels)
    {
        foreach (QuantizedMultiplier multiplier in Multipliers(context, channels, singleProduct: false))
        {
            if (multiplier.Mantissa < 1 << 30 || multiplier.Shift >= 0)
            {
                return false;
            }
        }

        return true;
    }

    private static bool Accumulates64(LoweringContext context, Tensor input, Tensor? bias, ElementType? biasType)
    {
        context.Require(input.Type is ElementType.Int8 or ElementType.Int16, $"an input of type {input.Type} is not supported");
        context.Require(context.Output.Type == input.Type, $"the output's type {context.Output.Type} is not the input's");
        context.Require(bias is null || bias.Type is ElementType.Int32 or ElementType.Int64, $"a bias of type {bias?.Type} is not supported");
        if (input.Type == ElementType.Int8)
        {
            context.Require(bias?.Type is null or ElementType.Int32, "an int64 bias needs int16 activations");
            return false;
        }

        return (bias?.Type ?? biasType) != ElementType.Int32;
    }

    private static uint Bias(LoweringContext context, Tensor? bias, int channels)
    {
        if (bias is null)
        {
            return PlanFormat.None32;
        }

        context.Require(bias.ElementCount == channels, $"the bias has {bias.ElementCount} elements for {channels} channels");
        return context.Constants.Add(context.Constant(bias, "bias").Span, bias.Type.Size());
    }

    /// <summary>By channel: bias + input offset × the sum of its weights, modulo 2^32 like the kernels' sums.</summary>
    public static int[] FoldedBias(LoweringContext context, int channels)
    {
        Tensor? bias = context.OptionalInput(2);
        context.Require(bias is null || bias.ElementCount == channels, $"the bias has {bias?.ElementCount} elements for {channels} channels");
        ReadOnlySpan<byte> weights = context.Constant(context.Input(1), "weights tensor").Span;
        ReadOnlySpan<byte> plain = bias is null ? default : context.Constant(bias, "bias").Span;
        int offset = -context.Quantized(context.Input(0), "input").ZeroPoint;
        int depth = weights.Length / channels;
        var folded = new int[channels];
        for (int c = 0; c < channels; c++)
        {
            int sum = 0;
            foreach (byte weight in weights.Slice(c * depth, depth))
            {
                sum = unchecked(sum + (sbyte)weight);
            }

            int own = plain.IsEmpty ? 0 : BinaryPrimitives.ReadInt32LittleEndian(plain[(c * sizeof(int))..]);
            folded[c] = unchecked(own + (offset * sum));
        }

        return folded;
    }

    // One multiplier when all channels have the same.
    private static QuantizedMultiplier[] Multipliers(LoweringContext context, int channels, bool singleProduct)
    {
        Quantization weights = WeightQuantization(context, channels);
        float inputScale = context.Quantized(context.Input(0), "input").Scale;
        float outputScale = context.Quantized(context.Output, "output").Scale;
        var multipliers = new QuantizedMultiplier[weights.Scales.Count];
        bool same = true;
        for (int c = 0; c < multipliers.Length; c++)
        {
            double product = singleProduct && !weights.IsPerChannel
                ? inputScale * weights.Scales[c]
                : (double)inputScale * weights.Scales[c];
            multipliers[c] = context.Multiplier(product / outputScale, $"weights (channel {c})");
            same &= multipliers[c] == multipliers[0];
        }

        return same ? [multipliers[0]] : multipliers;
    }

    private static Quantization WeightQuantization(LoweringContext context, int channels)
    {
        Quantization? quantization = context.Input(1).Quantization;
        context.Require(quantization is not null, "the weights have no quantization");
        context.Require(quantization.Scales.Count == 1 || quantization.Scales.Count == channels, $"the weights have {quantization.Scales.Count} scales for {channels} channels");
        foreach (int zeroPoint in quantization.ZeroPoints)
        {
            context.Require(zeroPoint == 0, $"weights with zero point {zeroPoint} are not supported");
        }

        return quantization;
    }
}
