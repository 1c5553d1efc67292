using System;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Tests.EndToEnd;
using NfRuntime.Model.Tests.Plan;

namespace NfRuntime.Model.Tests.Kernels;

/// <summary>
/// A model of one operator from a seed. What kernels take for granted is left out on purpose now and then: channels that
/// make no whole words, single pixels, even filters, strides up to 3, dilation, padding larger than the filter, shifts to
/// the left, multipliers of 0, clamps, zero points and weights at the ends of int8.
/// </summary>
internal sealed class GeneratedOperator
{
    private static readonly Func<GeneratedOperator, int?>[] _makers =
    [
        g => g._windows.Convolution(), g => g._windows.Convolution(), g => g._windows.Pointwise(), g => g._windows.Pointwise(), g => g._windows.DeepConvolution(),
        g => g._windows.Depthwise(), g => g._windows.Depthwise(), g => g._windows.Depthwise(), g => g._windows.Pool(), g => g._windows.Pool(),
        g => g._matrices.FullyConnected(), g => g._matrices.FullyConnected(), g => g._matrices.DeepFullyConnected(), g => g._matrices.Lstm(), g => g._matrices.Svdf(),
        g => g._elements.Binary(), g => g._elements.Binary(), g => g._elements.Binary(), g => g._elements.Softmax(), g => g._elements.Logistic(),
        g => g._elements.Quantize(), g => g._elements.Mean(), g => g._elements.Move(), g => g.Any(),
    ];

    private readonly GraphBuilder _builder = new();
    private readonly Random _random;
    private readonly GeneratedWindows _windows;
    private readonly GeneratedMatrices _matrices;
    private readonly GeneratedElements _elements;

    private GeneratedOperator(int seed)
    {
        _random = new Random(seed);
        var parts = new GeneratedParts(_builder, _random);
        _windows = new GeneratedWindows(parts);
        _matrices = new GeneratedMatrices(parts);
        _elements = new GeneratedElements(parts);
    }

    public static Graph Create(int seed)
    {
        for (int attempt = 0; ; attempt++)
        {
            var one = new GeneratedOperator(seed + (attempt * 1_000_003));
            if (_makers[(int)((uint)seed % (uint)_makers.Length)](one) is { } output)
            {
                return one._builder.Build(output);
            }
        }
    }

    // One of those that the tests of whole graphs draw.
    private int? Any()
    {
        ElementType type = _random.Next(4) == 0 ? ElementType.Int16 : ElementType.Int8;
        Quantization quantization = RandomOperators.Quantization(_random, type);
        int[] shape = [.. Enumerable.Range(0, 1 + _random.Next(4)).Select(_ => 1 + _random.Next(6))];
        int input = _builder.Input(shape, quantization.Scale, quantization.ZeroPoint, type);
        return new RandomOperators(_builder, _random, [input]).TryAdd(input);
    }
}
