using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Tests.Kernels;

/// <summary>CONV_2D, DEPTHWISE_CONV_2D and the pools.</summary>
internal sealed class GeneratedWindows(GeneratedParts parts)
{
    private const int MaxProducts = 200_000;
    private const int MaxElements = 6_000;

    // One direction: padding as SAME or VALID have it, or any, also more than the filter's reach.
    private sealed record Window(int Input, int Filter, int Stride, int Dilation, int Before, int Output);

    public int? Convolution()
    {
        Window rows = Draw(dilates: true), columns = Draw(dilates: true);
        int groups = parts.Chance(8) ? parts.From(2, 3) : 1;
        int depth = parts.Channels(40);
        return Convolve(rows, columns, groups * depth, groups * (groups > 1 ? parts.From(1, 3) : parts.Channels(33)), groups);
    }

    /// <summary>1×1 without padding, where a compiler may give rows as a column.</summary>
    public int? Pointwise()
    {
        int stride = parts.Chance(4) ? 2 : 1;
        int height = parts.From(1, 9), width = parts.Chance(3) ? 1 : parts.From(1, 9);
        var rows = new Window(height, 1, stride, 1, 0, ((height - 1) / stride) + 1);
        var columns = new Window(width, 1, stride, 1, 0, ((width - 1) / stride) + 1);
        return Convolve(rows, columns, parts.Channels(70), parts.Channels(70), 1);
    }

    /// <summary>Sums of so many large weights that they come near what a packed layout can hold, and beyond.</summary>
    public int? DeepConvolution()
    {
        int filter = parts.From(1, 3);
        int depth = parts.From(480, 620) / (filter * filter);
        var rows = new Window(parts.From(filter, 4), filter, 1, 1, parts.From(0, 1), parts.From(1, 3));
        var columns = new Window(parts.From(filter, 4), filter, 1, 1, parts.From(0, 1), parts.From(1, 3));
        return Convolve(rows, columns, depth, parts.From(1, 7), 1);
    }

    public int? Depthwise()
    {
        Window rows = Draw(dilates: true), columns = Draw(dilates: true);
        if (parts.Chance(3))
        {
            (rows, columns) = (Image(), Image());
        }

        int multiplier = parts.Chance(3) ? parts.OneOf(2, 3, 4, 8) : 1;
        int channels = multiplier == 1 ? parts.Channels(70) : parts.From(1, 6);
        int output = channels * multiplier;
        int batches = parts.Chance(6) ? 2 : 1;
        if (TooLarge(rows, columns, batches, channels, output, output))
        {
            return null;
        }

        ElementType type = parts.ActivationType();
        int input = parts.Input(type, batches, rows.Input, columns.Input, channels);
        int[] shape = [1, rows.Filter, columns.Filter, output];
        int weights = parts.Weights(shape, 3, parts.WeightValues(GeneratedParts.Count(shape)));
        var attributes = new DepthwiseConv2DAttributes(
            rows.Stride, columns.Stride, rows.Dilation, columns.Dilation, rows.Before, columns.Before, multiplier, parts.Clamp());
        return parts.Sum(attributes, [batches, rows.Output, columns.Output, output], [input, weights, .. parts.Bias(type, output, narrow: false)], rows.Filter * columns.Filter);
    }

    public int? Pool()
    {
        Window rows = Pooled(Draw(dilates: false)), columns = Pooled(Draw(dilates: false));
        int channels = parts.Channels(40), batches = parts.Chance(6) ? 2 : 1;
        if (TooLarge(rows, columns, batches, channels, channels, channels))
        {
            return null;
        }

        ElementType type = parts.ActivationType();
        int input = parts.Input(type, batches, rows.Input, columns.Input, channels);
        Quantization quantization = parts.Builder[input].Quantization!;
        OperatorKind kind = parts.Chance(2) ? OperatorKind.AveragePool2D : OperatorKind.MaxPool2D;
        var attributes = new Pool2DAttributes(kind, rows.Filter, columns.Filter, rows.Stride, columns.Stride, rows.Before, columns.Before, parts.Clamp());
        return parts.Builder.Op(attributes, [batches, rows.Output, columns.Output, channels], [input], quantization.Scale, quantization.ZeroPoint, type);
    }

    private int? Convolve(Window rows, Window columns, int channels, int output, int groups)
    {
        int depth = channels / groups;
        int batches = parts.Chance(6) ? 2 : 1;
        if (TooLarge(rows, columns, batches, channels, output, output * depth))
        {
            return null;
        }

        ElementType type = parts.ActivationType();
        int input = parts.Input(type, batches, rows.Input, columns.Input, channels);
        int[] shape = [output, rows.Filter, columns.Filter, depth];
        int weights = parts.Weights(shape, 0, parts.WeightValues(GeneratedParts.Count(shape)));
        var attributes = new Conv2DAttributes(rows.Stride, columns.Stride, rows.Dilation, columns.Dilation, rows.Before, columns.Before, parts.Clamp())
        {
            QuantizedBiasType = type == ElementType.Int16 && parts.Chance(2) ? ElementType.Int32 : null,
        };
        return parts.Sum(attributes, [batches, rows.Output, columns.Output, output], [input, weights, .. parts.Bias(type, output)], rows.Filter * columns.Filter * depth);
    }

    private Window Draw(bool dilates)
    {
        int input = parts.Chance(6) ? 1 : parts.From(1, 14);
        int filter = parts.OneOf(1, 1, 2, 3, 3, 3, 4, 5, 6, 7);
        int stride = parts.OneOf(1, 1, 1, 2, 2, 3);
        int dilation = dilates && parts.Chance(4) ? parts.From(2, 3) : 1;
        int reach = ((filter - 1) * dilation) + 1;
        if (parts.Chance(2))
        {
            int output = (input + stride - 1) / stride;
            return new Window(input, filter, stride, dilation, Math.Max(0, ((output - 1) * stride) + reach - input) / 2, output);
        }

        return reach <= input && parts.Chance(2)
            ? new Window(input, filter, stride, dilation, 0, ((input - reach) / stride) + 1)
            : new Window(input, filter, stride, dilation, parts.From(0, reach + 2), parts.From(1, 8));
    }

    // What most models have: a square filter and an inner part that meets no padding.
    private Window Image()
    {
        int input = parts.From(6, 16), filter = parts.OneOf(3, 3, 5), stride = parts.From(1, 2);
        return new Window(input, filter, stride, 1, parts.From(0, filter / 2), (input + stride - 1) / stride);
    }

    // Each window of a pool meets its input.
    private static Window Pooled(Window window)
    {
        int before = Math.Min(window.Before, window.Filter - 1);
        int most = ((window.Input - 1 + before) / window.Stride) + 1;
        return window with { Before = before, Output = Math.Min(window.Output, most) };
    }

    private static bool TooLarge(Window rows, Window columns, int batches, int channels, int output, int productsATap)
    {
        long pixels = (long)batches * rows.Output * columns.Output;
        return pixels * rows.Filter * columns.Filter * productsATap > MaxProducts
            || (long)batches * rows.Input * columns.Input * channels > MaxElements
            || pixels * output > MaxElements;
    }
}
