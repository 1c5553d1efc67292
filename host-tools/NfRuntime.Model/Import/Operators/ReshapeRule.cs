using System.Linq;
using NfRuntime.Model.Import.Schema;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Import.Operators;

/// <summary>RESHAPE: the shape is a constant operand, or an option (ReshapeOptions), or only the output's.</summary>
internal static class ReshapeRule
{
    private const byte OptionsMember = 17;

    public static OperatorAttributes? Import(OperatorScope op)
    {
        if (!(op.Arity(1, 2) & op.HasOptions(OptionsMember, required: false))
            || op.Input(0, "input") is not { } input || op.Output() is not { } output
            || !(op.IsQuantizedMap(input, output) && op.SameQuantization(output, input)))
        {
            return null;
        }

        if (input.Tensor.ElementCount != output.Tensor.ElementCount)
        {
            op.Invalid($"the output has shape {Shapes.Text(output.Tensor.Shape)}, the input {Shapes.Text(input.Tensor.Shape)}", output);
            return null;
        }

        return MatchesShape(op, output) ? new PlainAttributes(OperatorKind.Reshape) : null;
    }

    private static bool MatchesShape(OperatorScope op, Operand output)
    {
        if (!op.OptionalInput(1, "shape", out Operand? operand))
        {
            return false;
        }

        int[]? shape = operand is null
            ? op.Options?.Int32s(0, "ReshapeOptions.new_shape", ImportLimits.MaxOperands) ?? []
            : op.Integers(operand, ImportLimits.MaxRank);
        if (shape is null || (operand is null && shape.Length == 0))
        {
            return shape is not null;
        }

        // One dimension may be left open (−1).
        bool matches = shape.Length == output.Rank && shape.Count(dimension => dimension == -1) <= 1
            && shape.Zip(output.Tensor.Shape).All(pair => pair.First == -1 || pair.First == pair.Second);
        return matches || op.Invalid($"asks for shape {Shapes.Text(shape)}, but the output has {Shapes.Text(output.Tensor.Shape)}", output);
    }
}
