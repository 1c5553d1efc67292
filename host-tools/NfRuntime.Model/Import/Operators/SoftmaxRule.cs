using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Import.Operators;

/// <summary>SOFTMAX (SoftmaxOptions): int8 to int8 or int16, int16 to int16.</summary>
internal static class SoftmaxRule
{
    private const byte OptionsMember = 9;

    public static OperatorAttributes? Import(OperatorScope op)
    {
        if (!(op.Arity(1, 1) & op.HasOptions(OptionsMember, required: true))
            || op.Input(0, "input") is not { } input || op.Output() is not { } output
            || !(CheckTypes(op, input, output) & op.HasRank(input, 1, ImportLimits.MaxRank) & op.SameShape(output, input)))
        {
            return null;
        }

        float beta = op.Options!.Value.Single(0);
        bool ok = CheckBeta(op, input, beta) & SumFits(op, input) & op.SymmetricIfInt16(input) & (input.Type, output.Type) switch
        {
            (ElementType.Int8, ElementType.Int8) => op.HasQuantization(output, 1.0 / 256, -128, tolerance: 0),
            (ElementType.Int8, _) => op.HasQuantization(output, 1.0 / 65536, -32768),
            _ => op.HasQuantization(output, 1.0 / 32768, 0),
        };
        return ok ? new SoftmaxAttributes(beta) : null;
    }

    private static bool CheckTypes(OperatorScope op, Operand input, Operand output)
    {
        bool types = op.HasType(input, ElementType.Int8, ElementType.Int16)
            && (input.Type == ElementType.Int16 ? op.HasType(output, ElementType.Int16) : op.HasType(output, ElementType.Int8, ElementType.Int16));
        return types & op.IsComputed(input) && op.PerTensor(input) & op.PerTensor(output);
    }

    // The int8 kernel sums numbers up to 1 with 12 integer bits, the int16 kernel numbers below 2^15 with 31.
    private static bool SumFits(OperatorScope op, Operand input)
    {
        int most = input.Type == ElementType.Int8 ? (1 << 12) - 1 : 1 << 16;
        return input[^1] <= most || op.Unsupported($"the input has {input[^1]} values in a row; {most} are supported", input);
    }

    // The int8 kernel holds beta × scale as a fixed-point number with 26 fractional bits that must exceed one unit.
    private static bool CheckBeta(OperatorScope op, Operand input, float beta)
    {
        double product = (double)beta * input.Scale;
        bool inRange = float.IsFinite(beta) && beta > 0 && (input.Type == ElementType.Int16 || product * (1 << 26) > 1);
        return inRange
            ? input.Type == ElementType.Int8 || op.Rescales(product / (10.0 / 65535))
            : op.Unsupported($"has beta {beta:R} with an input scale of {input.Scale:R}; their product is too small or no number");
    }
}
