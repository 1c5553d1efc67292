using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Import.Operators;

/// <summary>The rule of each operator of the IR.</summary>
internal static class OperatorRules
{
    /// <summary>Whether the IR has the operator with builtin code <paramref name="code"/>.</summary>
    public static bool Knows(int code) => System.Enum.IsDefined((OperatorKind)code);

    /// <summary>The attributes of an operator that obeys its rule, or null after the problems have been reported.</summary>
    public static OperatorAttributes? Import(OperatorScope op, OperatorKind kind) => kind switch
    {
        OperatorKind.Add or OperatorKind.Mul => ElementwiseRule.Import(op, kind),
        OperatorKind.AveragePool2D or OperatorKind.MaxPool2D => Pool2DRule.Import(op, kind),
        OperatorKind.Conv2D => Conv2DRule.Import(op),
        OperatorKind.DepthwiseConv2D => DepthwiseConv2DRule.Import(op),
        OperatorKind.Dequantize => QuantizeRule.ImportDequantize(op),
        OperatorKind.FullyConnected => FullyConnectedRule.Import(op),
        OperatorKind.Logistic => LogisticRule.Import(op),
        OperatorKind.Reshape => ReshapeRule.Import(op),
        OperatorKind.Softmax => SoftmaxRule.Import(op),
        OperatorKind.Svdf => SvdfRule.Import(op),
        OperatorKind.Pad => PadRule.Import(op),
        OperatorKind.Transpose => TransposeRule.Import(op),
        OperatorKind.Mean => MeanRule.Import(op),
        OperatorKind.UnidirectionalSequenceLstm => LstmRule.Import(op),
        OperatorKind.Quantize => QuantizeRule.ImportQuantize(op),
        _ => throw new System.ArgumentOutOfRangeException(nameof(kind)),
    };
}
