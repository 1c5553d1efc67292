using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>
/// Bias, rescaling, zero point and clamp at the end of CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED (SPEC.md §5), for int32 accumulators
/// or, with int16 activations whose bias is int64 or absent, int64 ones.
/// </summary>
internal sealed class OutputStage
{
    private readonly QuantizedMultiplier[] _multipliers;
    private readonly long[] _bias;
    private readonly int _zeroPoint;
    private readonly ActivationRange _range;

    /// <summary>Prepares the stage.</summary>
    /// <param name="multipliers">One per output channel.</param>
    /// <param name="bias">One per output channel; all 0 when absent.</param>
    /// <param name="output">The output tensor.</param>
    /// <param name="activation">The fused activation.</param>
    /// <param name="wide">Whether <see cref="Finish(long, int)"/> will be used.</param>
    /// <exception cref="NotSupportedException">A multiplier too large for 64-bit accumulators.</exception>
    public OutputStage(QuantizedMultiplier[] multipliers, long[] bias, Tensor output, Activation activation, bool wide)
    {
        _multipliers = multipliers;
        _bias = bias;
        _zeroPoint = TensorChecks.ZeroPointOf(output);
        _range = ActivationRange.Of(activation, output);
        if (wide && Array.Exists(multipliers, m => m.Shift > 7))
        {
            throw new NotSupportedException("A scale ratio of 2^7 or more is undefined with 64-bit accumulators.");
        }
    }

    /// <summary>Multipliers input scale × weight scale[channel] / output scale, all in double.</summary>
    public static QuantizedMultiplier[] PerChannel(Tensor input, Tensor weights, Tensor output, int channels)
    {
        Quantization quantization = TensorChecks.QuantizationOf(weights);
        if (quantization.Scales.Count != 1 && quantization.Scales.Count != channels)
        {
            throw new NotSupportedException($"{quantization.Scales.Count} weight scales for {channels} output channels.");
        }

        double inputScale = TensorChecks.QuantizationOf(input).Scale;
        double outputScale = TensorChecks.QuantizationOf(output).Scale;
        QuantizedMultiplier[] multipliers = new QuantizedMultiplier[channels];
        for (int i = 0; i < channels; i++)
        {
            multipliers[i] = QuantizedMultiplier.From(inputScale * quantization.ScaleOf(i) / outputScale);
        }

        return multipliers;
    }

    /// <summary>Whether sums are 64-bit: int16 activations, unless the bias is int32 or, absent, declared as int32.</summary>
    public static bool IsWide(Tensor input, Tensor? bias, ElementType? declaredBiasType) =>
        input.Type == ElementType.Int16 && (bias?.Type ?? declaredBiasType) != ElementType.Int32;

    /// <summary>The bias as int64, zeros when absent.</summary>
    /// <exception cref="NotSupportedException">A bias of another type or length than the accumulators ask for.</exception>
    public static long[] Bias(TensorStore store, Node node, int position, int channels, bool wide)
    {
        int index = node.InputOrNone(position);
        if (index < 0)
        {
            return new long[channels];
        }

        Tensor tensor = store.Graph.Tensors[index];
        TensorChecks.RequireType(tensor, wide ? ElementType.Int64 : ElementType.Int32);
        if (tensor.ElementCount != channels)
        {
            throw new NotSupportedException($"A bias of {tensor.ElementCount} elements for {channels} output channels.");
        }

        return wide ? store.Span<long>(index).ToArray() : Array.ConvertAll(store.Span<int>(index).ToArray(), value => (long)value);
    }

    /// <summary>The output of an int32 accumulator.</summary>
    public int Finish(int accumulator, int channel) =>
        _range.Clamp(_multipliers[channel].Apply(accumulator + (int)_bias[channel]) + _zeroPoint);

    /// <summary>The output of an int64 accumulator.</summary>
    public int Finish(long accumulator, int channel) =>
        _range.Clamp(_multipliers[channel].Apply(accumulator + _bias[channel]) + _zeroPoint);
}
