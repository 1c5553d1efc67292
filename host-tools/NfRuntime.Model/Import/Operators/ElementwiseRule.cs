using System;
using NfRuntime.Model.Import.Schema;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Import.Operators;

/// <summary>ADD (AddOptions) and MUL (MulOptions) with broadcasting.</summary>
internal static class ElementwiseRule
{
    private const byte AddOptionsMember = 11;
    private const byte MulOptionsMember = 21;

    public static OperatorAttributes? Import(OperatorScope op, OperatorKind kind)
    {
        byte member = kind == OperatorKind.Add ? AddOptionsMember : MulOptionsMember;
        if (!(op.Arity(2, 2) & op.HasOptions(member, required: false)))
        {
            return null;
        }

        Operand? left = op.Input(0, "first input");
        Operand? right = op.Input(1, "second input");
        Operand? output = op.Output();
        Activation? activation = op.FusedActivation(op.Options?.SByte(0) ?? 0);
        if (left is null || right is null || output is null || activation is null || !CheckTypes(op, left, right, output))
        {
            return null;
        }

        bool ok = op.SymmetricIfInt16(left) & op.SymmetricIfInt16(right) & op.SymmetricIfInt16(output)
            & Broadcasts(op, left, right, output)
            & (kind == OperatorKind.Add ? Adds(op, left, right, output) : op.Rescales((double)left.Scale * right.Scale / output.Scale))
            & op.ActivationFits(output, activation.Value);
        return ok ? new ElementwiseAttributes(kind, activation.Value) : null;
    }

    private static bool CheckTypes(OperatorScope op, Operand left, Operand right, Operand output)
    {
        bool types = op.HasType(left, ElementType.Int8, ElementType.Int16) && op.SameType(right, left) & op.SameType(output, left);
        bool computed = !left.Tensor.IsConstant || !right.Tensor.IsConstant || op.Unsupported("has only constant inputs; fold it before the conversion");
        return types & computed && op.PerTensor(left) & op.PerTensor(right) & op.PerTensor(output);
    }

    private static bool Broadcasts(OperatorScope op, Operand left, Operand right, Operand output)
    {
        var shape = new int[Math.Max(left.Rank, right.Rank)];
        for (int back = 1; back <= shape.Length; back++)
        {
            int a = back <= left.Rank ? left[^back] : 1;
            int b = back <= right.Rank ? right[^back] : 1;
            if (a != b && a != 1 && b != 1)
            {
                return op.Invalid($"shapes {Shapes.Text(left.Tensor.Shape)} and {Shapes.Text(right.Tensor.Shape)} do not broadcast", right);
            }

            shape[^back] = Math.Max(a, b);
        }

        return op.HasShape(output, shape);
    }

    // Inputs are brought to twice the larger scale, shifted left by 20 (int8) or 15 (int16); the way back must be
    // below 1, also when its mantissa is rounded to 31 bits.
    private static bool Adds(OperatorScope op, Operand left, Operand right, Operand output)
    {
        int shift = output.Type == ElementType.Int16 ? 15 : 20;
        double factor = 2.0 * Math.Max(left.Scale, right.Scale) / ((1 << shift) * (double)output.Scale);
        return factor < 0.999999999 || op.Unsupported($"has an output scale of {output.Scale:R}, too small beside an input's {Math.Max(left.Scale, right.Scale):R}", output);
    }
}
