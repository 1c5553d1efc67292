using System;
using NfRuntime.Model.Import.FlatBuffers;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Import.Operators;

/// <summary>SVDF (SVDFOptions): int8 activations, time weights and state both int8 or both int16.</summary>
internal static class SvdfRule
{
    private const byte OptionsMember = 6;

    public static OperatorAttributes? Import(OperatorScope op)
    {
        if (!(op.Arity(5, 5) & op.HasOptions(OptionsMember, required: true)))
        {
            return null;
        }

        Operand? input = op.Input(0, "input");
        Operand? feature = op.Input(1, "feature weights");
        Operand? time = op.Input(2, "time weights");
        Operand? bias = op.Input(3, "bias");
        Operand? state = op.State(4, "state");
        Operand? output = op.Output();
        if (input is null || feature is null || time is null || bias is null || state is null || output is null)
        {
            return null;
        }

        FlatTable options = op.Options!.Value;
        Activation? activation = op.FusedActivation(options.SByte(1));
        var operands = new Operands(input, feature, time, bias, state, output);
        bool ok = CheckTypes(op, operands) && CheckShapes(op, operands, options.Int32(0)) & CheckScales(op, operands);
        return ok && activation is not null ? new SvdfAttributes(options.Int32(0), activation.Value) : null;
    }

    private static bool CheckTypes(OperatorScope op, Operands o) =>
        op.HasType(o.Input, ElementType.Int8) & op.IsComputed(o.Input) & op.HasType(o.Output, ElementType.Int8)
        & (op.IsWeights(o.Feature, axis: 0) && op.PerTensor(o.Feature))
        & op.HasType(o.Time, ElementType.Int8, ElementType.Int16) & op.IsConstant(o.Time) & op.Symmetric(o.Time)
        & op.SameType(o.State, o.Time) & op.SymmetricIfInt16(o.State)
        & op.PerTensor(o.Input) & op.PerTensor(o.Time) & op.PerTensor(o.State) & op.PerTensor(o.Output)
        & op.HasRank(o.Input, 2, 2) & op.HasRank(o.Feature, 2, 2) & op.HasRank(o.Time, 2, 2);

    private static bool CheckShapes(OperatorScope op, Operands o, int rank)
    {
        int filters = o.Feature[0];
        if (rank < 1 || filters % rank != 0)
        {
            return op.Invalid($"has rank {rank} and {filters} filters; the rank must divide them");
        }

        long stateSize = (long)o.Time[1] * filters;
        return op.HasShape(o.Feature, filters, o.Input[1]) & op.HasShape(o.Time, filters, o.Time[1])
            & op.HasShape(o.State, o.Input[0], (int)Math.Min(stateSize, int.MaxValue))
            & op.HasShape(o.Output, o.Input[0], filters / rank)
            & op.IsBias(o.Bias, filters / rank, ElementType.Int32);
    }

    // The kernel adds the bias in units of state × time weights and refuses any other.
    private static bool CheckScales(OperatorScope op, Operands o)
    {
        double product = (double)o.State.Scale * o.Time.Scale;
        bool biased = (o.Bias.Tensor.Quantization is { IsPerChannel: false } quantization && Math.Abs(quantization.Scale - product) < 1e-5)
            || op.Invalid($"the bias is not in units of state × time weights ({product:G9})", o.Bias);
        return biased
            & op.Rescales(o.Input.Scale * o.Feature.Scale / o.State.Scale)
            & op.Rescales(o.State.Scale * o.Time.Scale / o.Output.Scale);
    }

    private sealed record Operands(Operand Input, Operand Feature, Operand Time, Operand Bias, Operand State, Operand Output);
}
