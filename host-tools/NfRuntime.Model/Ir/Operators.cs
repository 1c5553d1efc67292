using System.Collections.Generic;

namespace NfRuntime.Model.Ir;

/// <summary>Operators of the IR; names as in TFLite's schema, the values are the schema's BuiltinOperator codes.</summary>
public enum OperatorKind
{
    Add = 0,
    AveragePool2D = 1,
    Conv2D = 3,
    DepthwiseConv2D = 4,
    Dequantize = 6,
    FullyConnected = 9,
    Logistic = 14,
    MaxPool2D = 17,
    Mul = 18,
    Reshape = 22,
    Softmax = 25,
    Svdf = 27,
    Pad = 34,
    Transpose = 39,
    Mean = 40,
    UnidirectionalSequenceLstm = 44,
    Quantize = 114,
}

/// <summary>Fused activation of an operator.</summary>
public enum Activation
{
    None = 0,
    Relu = 1,
    ReluN1To1 = 2,
    Relu6 = 3,

    /// <summary>Of an LSTM's cell gate only; no other operator of the IR carries it.</summary>
    Tanh = 4,
}

/// <summary>What an operator does, beyond its tensors. Constant operands (axes, shapes, paddings) are resolved by the importer.</summary>
/// <param name="Kind">The operator.</param>
public abstract record OperatorAttributes(OperatorKind Kind);

/// <summary>
/// CONV_2D. Inputs: NHWC activation, OHWI weights, optional bias [O]. Groups = input channels / weights' I.
/// Padding is resolved: rows and columns of zero point before the first; what lies behind follows from the output's shape.
/// </summary>
public sealed record Conv2DAttributes(int StrideH, int StrideW, int DilationH, int DilationW, int PadTop, int PadLeft, Activation Activation)
    : OperatorAttributes(OperatorKind.Conv2D)
{
    /// <summary>FULLY_CONNECTED and CONV_2D option: type in which a missing or int32 bias is accumulated (see facts on int16).</summary>
    public ElementType? QuantizedBiasType { get; init; }
}

/// <summary>DEPTHWISE_CONV_2D. Weights 1HW(C×multiplier); output channel = input channel × multiplier + m.</summary>
public sealed record DepthwiseConv2DAttributes(int StrideH, int StrideW, int DilationH, int DilationW, int PadTop, int PadLeft, int Multiplier, Activation Activation)
    : OperatorAttributes(OperatorKind.DepthwiseConv2D);

/// <summary>FULLY_CONNECTED. Weights [units, depth]; the input is read as [batches, depth].</summary>
public sealed record FullyConnectedAttributes(Activation Activation, bool KeepNumDims)
    : OperatorAttributes(OperatorKind.FullyConnected)
{
    /// <summary>Type in which a missing or int32 bias is accumulated with int16 activations, when the model says so.</summary>
    public ElementType? QuantizedBiasType { get; init; }
}

/// <summary>AVERAGE_POOL_2D or MAX_POOL_2D over NHWC; padding resolved as in <see cref="Conv2DAttributes"/>, and not counted.</summary>
public sealed record Pool2DAttributes(OperatorKind Kind, int FilterH, int FilterW, int StrideH, int StrideW, int PadTop, int PadLeft, Activation Activation)
    : OperatorAttributes(Kind);

/// <summary>ADD or MUL with NumPy broadcasting.</summary>
public sealed record ElementwiseAttributes(OperatorKind Kind, Activation Activation) : OperatorAttributes(Kind);

/// <summary>SOFTMAX over the last dimension.</summary>
public sealed record SoftmaxAttributes(float Beta) : OperatorAttributes(OperatorKind.Softmax);

/// <summary>PAD: elements before and after each dimension, one entry a dimension; the filler is the output's zero point.</summary>
public sealed record PadAttributes(IReadOnlyList<int> Before, IReadOnlyList<int> After) : OperatorAttributes(OperatorKind.Pad);

/// <summary>MEAN over the axes (resolved: 0 ≤ axis &lt; rank, ascending, distinct).</summary>
public sealed record MeanAttributes(IReadOnlyList<int> Axes, bool KeepDims) : OperatorAttributes(OperatorKind.Mean);

/// <summary>TRANSPOSE: output dimension i is input dimension Permutation[i].</summary>
public sealed record TransposeAttributes(IReadOnlyList<int> Permutation) : OperatorAttributes(OperatorKind.Transpose);

/// <summary>RESHAPE: the output tensor's shape says it all. QUANTIZE, DEQUANTIZE, LOGISTIC: so do the types and quantizations.</summary>
public sealed record PlainAttributes(OperatorKind Kind) : OperatorAttributes(Kind);

/// <summary>
/// SVDF. Inputs: activation [batch, depth], feature weights [filters, depth], time weights [filters, memory], bias [units], state [batch, filters × memory].
/// filters = units × Rank. The fused activation is kept for messages; the integer kernels ignore it (facts/tflite-arithmetic.md).
/// </summary>
public sealed record SvdfAttributes(int Rank, Activation Activation) : OperatorAttributes(OperatorKind.Svdf);

/// <summary>
/// UNIDIRECTIONAL_SEQUENCE_LSTM, the plain (Keras) form. The 24 inputs keep TFLite's positions: 0 input, 1–4 input weights (input, forget, cell, output gate),
/// 5–8 recurrent weights, 12–15 biases, 18 hidden state (variable), 19 cell state (variable, int16); the others are absent (−1).
/// </summary>
public sealed record LstmAttributes(bool TimeMajor, float CellClip, float ProjectionClip, Activation Activation)
    : OperatorAttributes(OperatorKind.UnidirectionalSequenceLstm);
