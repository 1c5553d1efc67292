using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Import.Operators;

/// <summary>PAD with constant paddings [rank, 2].</summary>
internal static class PadRule
{
    // The reference kernel's most.
    private const int MaxRank = 5;

    public static OperatorAttributes? Import(OperatorScope op)
    {
        if (!op.Arity(2, 2) || op.Input(0, "input") is not { } input || op.Input(1, "paddings") is not { } paddings || op.Output() is not { } output
            || !(op.IsQuantizedMap(input, output) & op.HasRank(input, 1, MaxRank)) || !(op.SameQuantization(output, input) & op.SymmetricIfInt16(input))
            || !op.HasShape(paddings, input.Rank, 2) || op.Integers(paddings, 2 * MaxRank) is not { } values)
        {
            return null;
        }

        var before = new int[input.Rank];
        var after = new int[input.Rank];
        var shape = new int[input.Rank];
        for (int index = 0; index < input.Rank; index++)
        {
            (before[index], after[index]) = (values[2 * index], values[(2 * index) + 1]);
            long padded = (long)before[index] + input[index] + after[index];
            if (before[index] < 0 || after[index] < 0 || padded > ImportLimits.MaxElements)
            {
                op.Invalid($"pads dimension {index} of {input[index]} by {before[index]} and {after[index]}", paddings);
                return null;
            }

            shape[index] = (int)padded;
        }

        return op.HasShape(output, shape) ? new PadAttributes(Array.AsReadOnly(before), Array.AsReadOnly(after)) : null;
    }
}
