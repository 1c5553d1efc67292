using System;
using NfRuntime.Model.Import.FlatBuffers;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Import.Operators;

/// <summary>AVERAGE_POOL_2D and MAX_POOL_2D (Pool2DOptions).</summary>
internal static class Pool2DRule
{
    private const byte OptionsMember = 5;

    // The sum of so many int16 values still fits into 32 bits.
    private const long MaxArea = 1 << 16;

    public static OperatorAttributes? Import(OperatorScope op, OperatorKind kind)
    {
        if (!(op.Arity(1, 1) & op.HasOptions(OptionsMember, required: true))
            || op.Input(0, "input") is not { } input || op.Output() is not { } output
            || !(op.IsQuantizedMap(input, output) & op.HasRank(input, 4, 4) & op.HasRank(output, 4, 4)))
        {
            return null;
        }

        FlatTable options = op.Options!.Value;
        (int height, int width) = (options.Int32(4), options.Int32(3));
        bool same = SameWithin(op, input, output) & op.SymmetricIfInt16(input);
        Activation? activation = op.FusedActivation(options.SByte(5));
        bool area = (long)Math.Min(height, input[1]) * Math.Min(width, input[2]) <= MaxArea
            || op.Unsupported($"has a window of {height} × {width}; {MaxArea} values are supported");
        var rows = new Window("rows", input[1], height, options.Int32(2), 1);
        var columns = new Window("columns", input[2], width, options.Int32(1), 1);
        if (rows.Resolve(op, options.SByte(0)) is not { } down || columns.Resolve(op, options.SByte(0)) is not { } across
            || !op.HasShape(output, input[0], down.Output, across.Output, input[3])
            || !same || !area || activation is null || !op.ActivationFits(output, activation.Value))
        {
            return null;
        }

        return new Pool2DAttributes(
            kind, height, width, options.Int32(2), options.Int32(1), down.Before, across.Before, activation.Value);
    }

    // The reference kernel tolerates scales that differ in the last digits, and pools raw values.
    private static bool SameWithin(OperatorScope op, Operand input, Operand output) =>
        (Math.Abs((double)input.Scale - output.Scale) <= 1e-6 && input.ZeroPoint == output.ZeroPoint)
        || op.SameQuantization(output, input);
}
