using System;
using System.Linq;
using NfRuntime.Model.Import.FlatBuffers;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Import.Operators;

/// <summary>
/// UNIDIRECTIONAL_SEQUENCE_LSTM (UnidirectionalSequenceLSTMOptions) in its plain form: four gates, no peephole, projection or
/// layer normalization; int8 or int16 activations and hidden state, int8 weights, int16 cell state.
/// </summary>
internal static class LstmRule
{
    private const byte OptionsMember = 71;
    private const int HiddenState = 18;
    private const int CellState = 19;
    private const int Tanh = (int)Activation.Tanh;

    private static readonly string[] Gates = ["input gate", "forget gate", "cell gate", "output gate"];

    public static OperatorAttributes? Import(OperatorScope op)
    {
        if (!(op.Arity(24, 24) & op.HasOptions(OptionsMember, required: true)) || !HasOnlyPlainInputs(op))
        {
            return null;
        }

        Operand? input = op.Input(0, "input");
        Operand? hidden = op.State(HiddenState, "hidden state");
        Operand? cell = op.State(CellState, "cell state");
        Operand? output = op.Output();
        FlatTable options = op.Options!.Value;
        bool optionsFine = CheckOptions(op, options);
        if (input is null || hidden is null || cell is null || output is null)
        {
            return null;
        }

        bool timeMajor = options.Boolean(3);
        bool ok = CheckStates(op, input, hidden, cell, output)
            && CheckShapes(op, input, hidden, cell, output, timeMajor) && CheckGates(op, input, hidden);
        return ok && optionsFine
            ? new LstmAttributes(timeMajor, options.Single(1), options.Single(2), Activation.Tanh)
            : null;
    }

    private static bool HasOnlyPlainInputs(OperatorScope op)
    {
        (int First, int Last, string What)[] refused =
            [(9, 11, "peephole weights"), (16, 17, "a projection"), (20, 23, "layer normalization")];
        bool plain = true;
        foreach ((int first, int last, string what) in refused)
        {
            if (Enumerable.Range(first, last - first + 1).Any(position => !op.IsAbsent(position)))
            {
                plain = op.Unsupported($"has {what}");
            }
        }

        return plain;
    }

    private static bool CheckOptions(OperatorScope op, FlatTable options)
    {
        bool ok = options.SByte(0) == Tanh || op.Unsupported($"has activation {options.SByte(0)}; TANH is supported");
        ok &= !options.Boolean(5) || op.Unsupported("has diagonal recurrent weights");
        foreach (float clip in (float[])[options.Single(1), options.Single(2)])
        {
            ok &= (float.IsFinite(clip) && clip >= 0) || op.Invalid($"clips at {clip:R}");
        }

        return ok;
    }

    private static bool CheckStates(OperatorScope op, Operand input, Operand hidden, Operand cell, Operand output)
    {
        bool types = op.IsQuantizedMap(input, output)
            & op.SameType(hidden, input) & op.HasType(cell, ElementType.Int16) && op.PerTensor(hidden) & op.PerTensor(cell);
        return types
            && op.SymmetricIfInt16(input) & op.SymmetricIfInt16(hidden) & op.Symmetric(cell)
                & op.SameQuantization(output, hidden) & IsPowerOfTwo(op, cell)
                & op.Rescales(Math.ScaleB(1, -30) / hidden.Scale);
    }

    private static bool IsPowerOfTwo(OperatorScope op, Operand cell)
    {
        double exponent = Math.Log2(cell.Scale);
        return (Math.Abs(exponent - Math.Round(exponent)) < 1e-3 && exponent is > -16.5 and < 0.5)
            || op.Unsupported($"the cell state has scale {cell.Scale:R}; a power of two from 2^-16 to 1 is supported", cell);
    }

    private static bool CheckShapes(OperatorScope op, Operand input, Operand hidden, Operand cell, Operand output, bool timeMajor)
    {
        if (!(op.HasRank(input, 3, 3) & op.HasRank(hidden, 2, 2)))
        {
            return false;
        }

        int batch = input[timeMajor ? 1 : 0];
        return op.HasShape(hidden, batch, hidden[1]) & op.HasShape(cell, batch, hidden[1])
            & op.HasShape(output, input[0], input[1], hidden[1]);
    }

    private static bool CheckGates(OperatorScope op, Operand input, Operand hidden)
    {
        ElementType biasType = input.Type == ElementType.Int8 ? ElementType.Int32 : ElementType.Int64;
        bool ok = true;
        for (int gate = 0; gate < Gates.Length; gate++)
        {
            Operand? weights = op.Input(1 + gate, $"{Gates[gate]}'s weights");
            Operand? recurrent = op.Input(5 + gate, $"{Gates[gate]}'s recurrent weights");
            Operand? bias = op.Input(12 + gate, $"{Gates[gate]}'s bias");
            ok &= weights is not null && CheckMatrix(op, weights, input, hidden[1], input[2]);
            ok &= recurrent is not null && CheckMatrix(op, recurrent, hidden, hidden[1], hidden[1]);
            ok &= bias is not null && op.IsBias(bias, hidden[1], biasType);
        }

        return ok;
    }

    // A gate's sum is an int16 with 12 fractional bits; the scales' product is a float32.
    private static bool CheckMatrix(OperatorScope op, Operand weights, Operand multiplied, int rows, int columns) =>
        op.IsWeights(weights, axis: 0) & op.HasShape(weights, rows, columns)
        && op.PerTensor(weights) && op.Rescales(multiplied.Scale * weights.Scale * 4096.0, wide: multiplied.Type == ElementType.Int16);
}
