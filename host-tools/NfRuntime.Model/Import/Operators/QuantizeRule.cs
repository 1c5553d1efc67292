using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Import.Operators;

/// <summary>QUANTIZE (float32 to int8 or int16; int8 and int16 to int8, int16 or int32) and DEQUANTIZE (int8 and int16 to float32).</summary>
internal static class QuantizeRule
{
    public static OperatorAttributes? ImportQuantize(OperatorScope op)
    {
        if (!op.Arity(1, 1) || op.Input(0, "input") is not { } input || op.Output() is not { } output
            || !(op.HasType(input, ElementType.Float32, ElementType.Int8, ElementType.Int16) & op.IsComputed(input) & op.SameShape(output, input))
            || !HasOutputType(op, input, output))
        {
            return null;
        }

        bool ok = op.PerTensor(output)
            && (input.Type == ElementType.Float32 || (op.PerTensor(input) && op.Rescales((double)input.Scale / output.Scale)));
        return ok ? new PlainAttributes(OperatorKind.Quantize) : null;
    }

    public static OperatorAttributes? ImportDequantize(OperatorScope op)
    {
        if (!op.Arity(1, 1) || op.Input(0, "input") is not { } input || op.Output() is not { } output)
        {
            return null;
        }

        bool ok = op.HasType(input, ElementType.Int8, ElementType.Int16) & op.HasType(output, ElementType.Float32)
            & op.IsComputed(input) & op.SameShape(output, input) && op.PerTensor(input);
        return ok ? new PlainAttributes(OperatorKind.Dequantize) : null;
    }

    private static bool HasOutputType(OperatorScope op, Operand input, Operand output) => input.Type == ElementType.Float32
        ? op.HasType(output, ElementType.Int8, ElementType.Int16)
        : op.HasType(output, ElementType.Int8, ElementType.Int16, ElementType.Int32);
}
