using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Import.Schema;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Import.Operators;

/// <summary>MEAN (ReducerOptions) over constant axes.</summary>
internal static class MeanRule
{
    private const byte OptionsMember = 27;

    public static OperatorAttributes? Import(OperatorScope op)
    {
        if (!(op.Arity(2, 2) & op.HasOptions(OptionsMember, required: false))
            || op.Input(0, "input") is not { } input || op.Input(1, "axes") is not { } axes || op.Output() is not { } output
            || !(op.IsQuantizedMap(input, output) & op.HasRank(input, 1, ImportLimits.MaxRank) & op.HasRank(axes, 0, 1))
            || Resolve(op, input, axes) is not { } resolved)
        {
            return null;
        }

        bool keep = op.Options?.Boolean(0) ?? false;
        int[] shape = [.. Reduce(input, resolved, keep)];
        bool ok = op.HasShape(output, shape) & SumFits(op, input, resolved) & op.SymmetricIfInt16(input) & op.SymmetricIfInt16(output)
            & op.Rescales((double)input.Scale / output.Scale);
        return ok ? new MeanAttributes(Array.AsReadOnly(resolved), keep) : null;
    }

    private static int[]? Resolve(OperatorScope op, Operand input, Operand axes)
    {
        if (op.Integers(axes, ImportLimits.MaxRank) is not { } values)
        {
            return null;
        }

        int[] resolved = [.. values.Select(axis => axis < 0 ? axis + input.Rank : axis).Order()];
        if (resolved.Any(axis => axis < 0 || axis >= input.Rank) || resolved.Distinct().Count() != resolved.Length)
        {
            op.Invalid($"reduces over axes {Shapes.Text(values)} of {input.Rank} dimensions", axes);
            return null;
        }

        return resolved;
    }

    private static IEnumerable<int> Reduce(Operand input, int[] axes, bool keep)
    {
        for (int index = 0; index < input.Rank; index++)
        {
            if (!axes.Contains(index))
            {
                yield return input[index];
            }
            else if (keep)
            {
                yield return 1;
            }
        }
    }

    private static bool SumFits(OperatorScope op, Operand input, int[] axes)
    {
        long count = axes.Aggregate(1L, (product, axis) => product * input[axis]);
        long limit = input.Type == ElementType.Int8 ? 1 << 23 : 1 << 15;
        return count <= limit || op.Unsupported($"sums {count} values; {limit} are supported");
    }
}
