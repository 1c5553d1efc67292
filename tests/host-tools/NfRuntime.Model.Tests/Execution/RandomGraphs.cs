using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Tests.Plan;

namespace NfRuntime.Model.Tests.Execution;

/// <summary>Random int8 graphs with branches, kept intermediates, dead ends, identities, constants and state.</summary>
internal sealed class RandomGraphs
{
    private readonly Random _random;
    private readonly GraphBuilder _builder = new();
    private readonly List<(int Index, int[] Shape, float Scale, int Zero)> _images = [];

    private RandomGraphs(int seed) => _random = new Random(seed);

    public static Graph Create(int seed) => new RandomGraphs(seed).Build();

    private Graph Build()
    {
        for (int i = _random.Next(1, 3); i > 0; i--)
        {
            int[] shape = [1, _random.Next(1, 7), _random.Next(1, 7), _random.Next(1, 5)];
            Keep(_builder.Input(shape, 0.5f, 3), shape, 0.5f, 3);
        }

        int[] constant = [1, 2, 3, 2];
        Keep(_builder.Constant(ElementType.Int8, constant, GraphBuilder.Scale(0.25f, -4), Enumerable.Range(-6, 12).Select(i => (sbyte)(i * 9)).ToArray()), constant, 0.25f, -4);
        for (int i = _random.Next(3, 14); i > 0; i--)
        {
            Step(_random.Next(13), _images[_random.Next(_images.Count)]);
        }

        int outputs = _random.Next(1, 4);
        return _builder.Build([_images[^1].Index, .. Enumerable.Range(1, outputs - 1).Select(_ => _images[_random.Next(_images.Count)].Index)]);
    }

    private void Step(int kind, (int Index, int[] Shape, float Scale, int Zero) x)
    {
        int[] s = x.Shape;
        float scale = _random.Next(2) == 0 ? x.Scale : 0.3f;
        int zero = scale == x.Scale ? x.Zero : -2;
        switch (kind)
        {
            case 0:
                int channels = _random.Next(1, 6);
                Emit(new Conv2DAttributes(1, 1, 1, 1, 0, 0, Activation.Relu), [s[0], s[1], s[2], channels], [x.Index, _builder.Weights([channels, 1, 1, s[3]], kind, 0.05f)], scale, zero);
                break;
            case 1:
                Emit(new Conv2DAttributes(1, 1, 1, 1, 1, 1, Activation.None), [s[0], s[1], s[2], 2], [x.Index, _builder.Weights([2, 3, 3, s[3]], kind, 0.02f, 0.03f)], scale, zero);
                break;
            case 2:
                Emit(new DepthwiseConv2DAttributes(1, 1, 1, 1, 1, 1, 1, Activation.None), s, [x.Index, _builder.Weights([1, 3, 3, s[3]], kind, 0.04f)], scale, zero);
                break;
            case 3:
                PadThenConvolve(x);
                break;
            case 4:
                (int Index, int[] Shape, float Scale, int Zero)[] partners = [.. _images.Where(image => image.Shape.SequenceEqual(s))];
                Emit(new ElementwiseAttributes(OperatorKind.Add, Activation.None), s, [x.Index, partners[_random.Next(partners.Length)].Index], scale, zero);
                break;
            case 5:
                int row = _builder.Constant<sbyte>(ElementType.Int8, [1], GraphBuilder.Scale(0.02f, 1), 90);
                Emit(new ElementwiseAttributes(OperatorKind.Mul, Activation.None), s, [x.Index, row], scale, zero);
                break;
            case 6:
                Emit(new PlainAttributes(OperatorKind.Logistic), s, [x.Index], 1f / 256, -128);
                break;
            case 7:
                Emit(new PlainAttributes(OperatorKind.Reshape), [s[0], s[2], s[1], s[3]], [x.Index], x.Scale, x.Zero);
                break;
            case 8:
                Emit(new TransposeAttributes([0, 2, 1, 3]), [s[0], s[2], s[1], s[3]], [x.Index], x.Scale, x.Zero);
                break;
            case 9:
                OperatorKind pool = _random.Next(2) == 0 ? OperatorKind.MaxPool2D : OperatorKind.AveragePool2D;
                int size = Math.Min(_random.Next(1, 3), Math.Min(s[1], s[2]));
                Emit(new Pool2DAttributes(pool, size, size, 1, 1, 0, 0, Activation.None), [s[0], s[1] - size + 1, s[2] - size + 1, s[3]], [x.Index], x.Scale, x.Zero);
                break;
            case 10:
                Emit(new PlainAttributes(OperatorKind.Quantize), s, [x.Index], scale, zero);
                break;
            case 11:
                Emit(new SoftmaxAttributes(1f), s, [x.Index], 1f / 256, -128);
                break;
            default:
                Emit(new MeanAttributes([1], true), [s[0], 1, s[2], s[3]], [x.Index], scale, zero);
                break;
        }
    }

    private void PadThenConvolve((int Index, int[] Shape, float Scale, int Zero) x)
    {
        int[] before = [0, _random.Next(3), _random.Next(3), 0];
        int[] after = [0, _random.Next(3), _random.Next(3), 0];
        int[] padded = [.. Enumerable.Range(0, 4).Select(d => x.Shape[d] + before[d] + after[d])];
        (float scale, int zero) = _random.Next(4) == 0 ? (0.3f, -2) : (x.Scale, x.Zero);
        Emit(new PadAttributes(before, after), padded, [x.Index], scale, zero);
        if (padded[1] >= 2 && padded[2] >= 2)
        {
            int weights = _builder.Weights([3, 2, 2, padded[3]], 4, 0.05f);
            Emit(new Conv2DAttributes(1, 1, 1, 1, 0, 0, Activation.None), [padded[0], padded[1] - 1, padded[2] - 1, 3], [_images[^1].Index, weights], 0.4f, 6);
        }
    }

    private void Emit(OperatorAttributes attributes, int[] shape, int[] inputs, float scale, int zero) =>
        Keep(_builder.Op(attributes, shape, inputs, scale, zero), shape, scale, zero);

    private void Keep(int index, int[] shape, float scale, int zero) => _images.Add((index, shape, scale, zero));
}
