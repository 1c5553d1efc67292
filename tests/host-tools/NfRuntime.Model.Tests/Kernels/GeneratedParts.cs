using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Tests.Plan;

namespace NfRuntime.Model.Tests.Kernels;

/// <summary>What generated operators are made of: types, quantizations, weights, biases, and outputs with a scale that fits them.</summary>
internal sealed class GeneratedParts(GraphBuilder builder, Random random)
{
    public GraphBuilder Builder => builder;

    public Random Random => random;

    public bool Chance(int oneIn) => random.Next(oneIn) == 0;

    public int From(int least, int most) => random.Next(least, most + 1);

    public int OneOf(params int[] values) => values[random.Next(values.Length)];

    public ElementType ActivationType() => Chance(6) ? ElementType.Int16 : ElementType.Int8;

    public Activation Clamp() => OneOf(0, 0, 0, 1, 2, 3) switch
    {
        1 => Activation.Relu,
        2 => Activation.ReluN1To1,
        3 => Activation.Relu6,
        _ => Activation.None,
    };

    /// <summary>Channels: few, whole words, and what lies between.</summary>
    public int Channels(int most) => Math.Min(most, random.Next(4) switch
    {
        0 => 4 * From(1, 12),
        1 => From(1, 70),
        _ => From(1, 9),
    });

    public int ZeroPoint(ElementType type) => type == ElementType.Int16 ? 0 : random.Next(5) switch
    {
        0 => -128,
        1 => 127,
        2 => 0,
        _ => From(-128, 127),
    };

    public float PowerOfTwo(double least, double most) => (float)Math.Pow(2, least + (random.NextDouble() * (most - least)));

    public int Input(ElementType type, params int[] shape) => builder.Input(shape, PowerOfTwo(-9, -1), ZeroPoint(type), type);

    /// <summary>int8 weights: any, only the ends of their range, small, mostly 0, or all equal.</summary>
    public sbyte[] WeightValues(int count)
    {
        int style = random.Next(8);
        int same = OneOf(-128, -127, -1, 1, 127);
        return [.. Enumerable.Range(0, count).Select(_ => (sbyte)(style switch
        {
            0 => OneOf(-128, -127, 127),
            1 => From(-3, 3),
            2 => Chance(8) ? From(-128, 127) : 0,
            3 => Chance(12) ? -128 : same,
            4 => From(-128, 127),
            _ => From(-127, 127),
        }))];
    }

    /// <summary>Weights with one scale, or one for each channel along <paramref name="axis"/>, some of which differ much.</summary>
    public int Weights(int[] shape, int axis, sbyte[] values)
    {
        float common = PowerOfTwo(-10, -4);
        int channels = shape[axis];
        bool apart = Chance(4);
        float[] scales = Chance(3)
            ? [common]
            : [.. Enumerable.Range(0, channels).Select(_ => common * (apart && Chance(4) ? PowerOfTwo(-40, 4) : PowerOfTwo(-1, 1)))];
        return builder.Constant(ElementType.Int8, shape, new Quantization(scales, new int[scales.Length], scales.Length == 1 ? 0 : axis), values);
    }

    /// <summary>None, a small one, or one near the ends of 32 bits; int16 activations mostly have 64 bits.</summary>
    public int[] Bias(ElementType activation, int channels, bool narrow = true)
    {
        if (Chance(6))
        {
            return [];
        }

        bool huge = Chance(10);
        int[] values = [.. Enumerable.Range(0, channels).Select(_ => huge ? From(int.MinValue, int.MaxValue - 1) : From(-3000, 3000))];
        return activation == ElementType.Int16 && !(narrow && Chance(3))
            ? [builder.Constant(ElementType.Int64, [channels], null, [.. values.Select(value => (long)value)])]
            : [builder.Bias(values)];
    }

    /// <summary>
    /// An operator that sums <paramref name="terms"/> products of its first two inputs. Mostly the output's scale is such
    /// that it varies; else most multipliers shift to the left, or almost all is rounded away.
    /// </summary>
    public int Sum(OperatorAttributes attributes, int[] shape, int[] inputs, int terms)
    {
        Tensor input = builder[inputs[0]];
        float largest = builder[inputs[1]].Quantization!.Scales.Max();
        float scale = input.Quantization!.Scale * largest * random.Next(8) switch
        {
            0 => PowerOfTwo(-6, 0),
            1 => PowerOfTwo(8, 30),
            _ => PowerOfTwo(5, 7) * MathF.Sqrt(terms),
        };
        return builder.Op(attributes, shape, inputs, scale, ZeroPoint(input.Type), input.Type);
    }

    public static int Count(IEnumerable<int> shape) => shape.Aggregate(1, (product, extent) => checked(product * extent));
}
