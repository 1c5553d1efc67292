using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Plan.Lowering;

/// <summary>Operator names as in TFLite's schema, which is how a model's author knows them.</summary>
public static class OperatorNames
{
    /// <summary>The schema's name of <paramref name="kind"/>.</summary>
    public static string Of(OperatorKind kind) => kind switch
    {
        OperatorKind.Add => "ADD",
        OperatorKind.AveragePool2D => "AVERAGE_POOL_2D",
        OperatorKind.Conv2D => "CONV_2D",
        OperatorKind.DepthwiseConv2D => "DEPTHWISE_CONV_2D",
        OperatorKind.Dequantize => "DEQUANTIZE",
        OperatorKind.FullyConnected => "FULLY_CONNECTED",
        OperatorKind.Logistic => "LOGISTIC",
        OperatorKind.MaxPool2D => "MAX_POOL_2D",
        OperatorKind.Mul => "MUL",
        OperatorKind.Reshape => "RESHAPE",
        OperatorKind.Softmax => "SOFTMAX",
        OperatorKind.Svdf => "SVDF",
        OperatorKind.Pad => "PAD",
        OperatorKind.Transpose => "TRANSPOSE",
        OperatorKind.Mean => "MEAN",
        OperatorKind.UnidirectionalSequenceLstm => "UNIDIRECTIONAL_SEQUENCE_LSTM",
        OperatorKind.Quantize => "QUANTIZE",
        _ => kind.ToString(),
    };
}
