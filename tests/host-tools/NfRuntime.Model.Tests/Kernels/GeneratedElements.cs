using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Tests.Kernels;

/// <summary>Operators without weights.</summary>
internal sealed class GeneratedElements(GeneratedParts parts)
{
    /// <summary>ADD or MUL: of two inputs, of one with itself, or with a constant; scales that are level, or far from each other.</summary>
    public int? Binary()
    {
        ElementType type = parts.ActivationType();
        int[] shape = Shape(4, 12);
        int first = parts.Input(type, shape);
        float scale = parts.Builder[first].Quantization!.Scale * parts.OneOf(0, 1, 2) switch
        {
            0 => 1f,
            1 => parts.PowerOfTwo(-2, 2),
            _ => parts.PowerOfTwo(-12, 12),
        };
        int[] other = parts.Chance(2) ? shape : [.. shape.Select(extent => parts.Chance(2) ? 1 : extent)];
        int second = parts.Random.Next(6) switch
        {
            0 => first,
            1 => Constant(type, other, scale),
            _ => parts.Builder.Input(other, scale, parts.ZeroPoint(type), type),
        };
        OperatorKind kind = parts.Chance(3) ? OperatorKind.Mul : OperatorKind.Add;
        int[] inputs = parts.Chance(2) ? [first, second] : [second, first];
        return parts.Builder.Op(new ElementwiseAttributes(kind, parts.Clamp()), shape, inputs, parts.PowerOfTwo(-8, 0), parts.ZeroPoint(type), type);
    }

    public int? Softmax()
    {
        ElementType type = parts.ActivationType();
        bool widens = type == ElementType.Int8 && parts.Chance(4);
        int[] shape = parts.Chance(3) ? [parts.From(1, 3), parts.From(1, 300)] : Shape(3, 12);
        (float scale, int zeroPoint) = widens ? (1f / 65536, short.MinValue) : type == ElementType.Int8 ? (1f / 256, -128) : (1f / 32768, 0);
        ElementType output = widens ? ElementType.Int16 : type;
        return parts.Builder.Op(new SoftmaxAttributes(parts.PowerOfTwo(-2, 3)), shape, [parts.Input(type, shape)], scale, zeroPoint, output);
    }

    public int? Logistic()
    {
        ElementType type = parts.Chance(2) ? ElementType.Int16 : ElementType.Int8;
        int[] shape = Shape(3, 12);
        float scale = type == ElementType.Int16 ? parts.PowerOfTwo(-15, -8) : parts.PowerOfTwo(-7, 0);
        int input = parts.Builder.Input(shape, scale, parts.ZeroPoint(type), type);
        (float outputScale, int zeroPoint) = type == ElementType.Int8 ? (1f / 256, -128) : (1f / 32768, 0);
        return parts.Builder.Op(new PlainAttributes(OperatorKind.Logistic), shape, [input], outputScale, zeroPoint, type);
    }

    /// <summary>QUANTIZE from and to every type, and DEQUANTIZE.</summary>
    public int? Quantize()
    {
        int[] shape = Shape(3, 12);
        ElementType from = parts.Random.Next(3) switch { 0 => ElementType.Float32, 1 => ElementType.Int16, _ => ElementType.Int8 };
        int input = from == ElementType.Float32 ? parts.Builder.Input(shape, type: from) : parts.Input(from, shape);
        if (from != ElementType.Float32 && parts.Chance(4))
        {
            return parts.Builder.Op(new PlainAttributes(OperatorKind.Dequantize), shape, [input], type: ElementType.Float32);
        }

        ElementType to = parts.Random.Next(from == ElementType.Float32 ? 2 : 3) switch { 0 => ElementType.Int16, 1 => ElementType.Int8, _ => ElementType.Int32 };
        return parts.Builder.Op(new PlainAttributes(OperatorKind.Quantize), shape, [input], parts.PowerOfTwo(-12, 2), parts.ZeroPoint(to == ElementType.Int8 ? to : ElementType.Int16), to);
    }

    public int? Mean()
    {
        ElementType type = parts.ActivationType();
        int[] shape = Shape(4, 9);
        int[] axes = [.. Enumerable.Range(0, shape.Length).Where(_ => parts.Chance(2))];
        if (axes.Length == 0)
        {
            return null;
        }

        int input = parts.Input(type, shape);
        Quantization quantization = parts.Chance(2) ? parts.Builder[input].Quantization! : Quantization.PerTensor(parts.PowerOfTwo(-10, 0), parts.ZeroPoint(type));
        bool keep = parts.Chance(2);
        IEnumerable<int> kept = shape.Select((extent, d) => axes.Contains(d) ? (keep ? 1 : 0) : extent).Where(extent => extent > 0);
        return parts.Builder.Op(new MeanAttributes(axes, keep), [.. kept], [input], quantization.Scale, quantization.ZeroPoint, type);
    }

    /// <summary>PAD, TRANSPOSE or RESHAPE.</summary>
    public int? Move()
    {
        ElementType type = parts.ActivationType();
        int[] shape = Shape(4, 9);
        int input = parts.Input(type, shape);
        (float scale, int zeroPoint) = (parts.Builder[input].Quantization!.Scale, parts.Builder[input].Quantization!.ZeroPoint);
        if (parts.Chance(3))
        {
            int[] before = [.. shape.Select(_ => parts.From(0, 2))], after = [.. shape.Select(_ => parts.From(0, 2))];
            int[] padded = [.. shape.Select((extent, d) => before[d] + extent + after[d])];
            return parts.Builder.Op(new PadAttributes(before, after), padded, [input], scale, zeroPoint, type);
        }

        if (parts.Chance(6))
        {
            return parts.Builder.Op(new PlainAttributes(OperatorKind.Reshape), [GeneratedParts.Count(shape)], [input], scale, zeroPoint, type);
        }

        int[] permutation = [.. Enumerable.Range(0, shape.Length)];
        parts.Random.Shuffle(permutation);
        return parts.Builder.Op(new TransposeAttributes(permutation), [.. permutation.Select(d => shape[d])], [input], scale, zeroPoint, type);
    }

    private int[] Shape(int rank, int most) => [.. Enumerable.Range(0, parts.From(1, rank)).Select(_ => parts.Chance(5) ? 1 : parts.From(1, most))];

    private int Constant(ElementType type, int[] shape, float scale)
    {
        int count = GeneratedParts.Count(shape);
        Quantization quantization = Quantization.PerTensor(scale, parts.ZeroPoint(type));
        return type == ElementType.Int16
            ? parts.Builder.Constant(type, shape, quantization, [.. Enumerable.Range(0, count).Select(_ => (short)parts.From(short.MinValue, short.MaxValue))])
            : parts.Builder.Constant(type, shape, quantization, parts.WeightValues(count));
    }
}
