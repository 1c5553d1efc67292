using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Import.Operators;

/// <summary>LOGISTIC (no options).</summary>
internal static class LogisticRule
{
    public static OperatorAttributes? Import(OperatorScope op)
    {
        if (!op.Arity(1, 1) || op.Input(0, "input") is not { } input || op.Output() is not { } output
            || !(op.IsQuantizedMap(input, output) & op.SameShape(output, input)))
        {
            return null;
        }

        bool ok = input.Type == ElementType.Int8
            ? op.HasQuantization(output, 1.0 / 256, -128) & ScaleIn(op, input, Math.ScaleB(1, -28), 7.999)
            : op.Symmetric(input) & op.HasQuantization(output, 1.0 / 32768, 0) & ScaleIn(op, input, 0, 32767.0 / (3 * 4096));
        return ok ? new PlainAttributes(OperatorKind.Logistic) : null;
    }

    // Beyond these the fixed-point scale of the kernel does not fit into its register.
    private static bool ScaleIn(OperatorScope op, Operand input, double min, double max) =>
        (input.Scale >= min && input.Scale <= max)
        || op.Unsupported($"the input has scale {input.Scale:R}, beyond the kernel's fixed-point range", input);
}
