using System;
using System.Linq;
using NfRuntime.Model.Import.Schema;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Import.Operators;

/// <summary>TRANSPOSE with a constant permutation.</summary>
internal static class TransposeRule
{
    // The reference kernel's most.
    private const int MaxRank = 5;

    public static OperatorAttributes? Import(OperatorScope op)
    {
        if (!op.Arity(2, 2) || op.Input(0, "input") is not { } input || op.Input(1, "permutation") is not { } operand || op.Output() is not { } output
            || !(op.IsQuantizedMap(input, output) & op.HasRank(input, 1, MaxRank)) || !op.SameQuantization(output, input)
            || !op.HasShape(operand, input.Rank) || op.Integers(operand, MaxRank) is not { } permutation)
        {
            return null;
        }

        if (!permutation.Order().SequenceEqual(Enumerable.Range(0, input.Rank)))
        {
            op.Invalid($"{Shapes.Text(permutation)} is no permutation of {input.Rank} dimensions", operand);
            return null;
        }

        return op.HasShape(output, [.. permutation.Select(index => input[index])])
            ? new TransposeAttributes(Array.AsReadOnly(permutation))
            : null;
    }
}
