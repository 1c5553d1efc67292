using System;
using System.Linq;
using NfRuntime.Model.Import.Schema;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Import.Operators;

/// <summary>Checks of types, shapes and constness; each reports its problem and returns whether there was none.</summary>
internal static class OperandChecks
{
    public static bool HasType(this OperatorScope op, Operand operand, params ElementType[] allowed) =>
        allowed.Contains(operand.Type)
        || op.Unsupported(
            $"{operand.Is} {SchemaNames.Name(operand.Type)}; {op.Name} takes {string.Join(" or ", allowed.Select(SchemaNames.Name))} there",
            operand);

    public static bool SameType(this OperatorScope op, Operand operand, Operand other) =>
        operand.Type == other.Type
        || op.Unsupported(
            $"{operand.Is} {SchemaNames.Name(operand.Type)} and the {other.Role} {SchemaNames.Name(other.Type)}; they must be equal", operand);

    public static bool HasRank(this OperatorScope op, Operand operand, int min, int max) =>
        (operand.Rank >= min && operand.Rank <= max)
        || op.Unsupported(
            $"{operand.Has} shape {Shapes.Text(operand.Tensor.Shape)}; {(min == max ? $"{min}" : $"{min} to {max}")} dimensions are supported",
            operand);

    public static bool HasShape(this OperatorScope op, Operand operand, params int[] expected) =>
        operand.Tensor.Shape.SequenceEqual(expected)
        || op.Invalid($"{operand.Has} shape {Shapes.Text(operand.Tensor.Shape)}, but {Shapes.Text(expected)} follows from the other operands", operand);

    public static bool SameShape(this OperatorScope op, Operand operand, Operand other) =>
        op.HasShape(operand, [.. other.Tensor.Shape]);

    public static bool IsConstant(this OperatorScope op, Operand operand) =>
        operand.Tensor.IsConstant || op.Unsupported($"{operand.Is} not constant", operand);

    public static bool IsComputed(this OperatorScope op, Operand operand) =>
        !operand.Tensor.IsConstant || op.Unsupported($"{operand.Is} constant; fold it before the conversion", operand);

    /// <summary>The usual case of one activation in, one out: int8 or int16, equal types, both quantized per tensor.</summary>
    public static bool IsQuantizedMap(this OperatorScope op, Operand input, Operand output) =>
        op.HasType(input, ElementType.Int8, ElementType.Int16)
        & op.IsComputed(input)
        && op.SameType(output, input)
        && op.PerTensor(input) & op.PerTensor(output);

    /// <summary>The values of a constant int32 or int64 operand of at most <paramref name="max"/> elements, or null after a report.</summary>
    public static int[]? Integers(this OperatorScope op, Operand operand, int max)
    {
        if (!(op.HasType(operand, ElementType.Int32, ElementType.Int64) & op.IsConstant(operand)))
        {
            return null;
        }

        int count = operand.Tensor.ElementCount;
        if (count > max)
        {
            op.Invalid($"{operand.Has} {count} values; at most {max} make sense", operand);
            return null;
        }

        var values = new int[count];
        for (int index = 0; index < count; index++)
        {
            long value = ValueAt(operand.Tensor, index);
            if (value is < int.MinValue or > int.MaxValue)
            {
                op.Invalid($"the {operand.Role} holds {value}, beyond 32 bits", operand);
                return null;
            }

            values[index] = (int)value;
        }

        return values;
    }

    private static long ValueAt(Tensor tensor, int index)
    {
        ReadOnlySpan<byte> data = tensor.Data!.Value.Span;
        return tensor.Type == ElementType.Int32
            ? System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(data[(4 * index)..])
            : System.Buffers.Binary.BinaryPrimitives.ReadInt64LittleEndian(data[(8 * index)..]);
    }
}
