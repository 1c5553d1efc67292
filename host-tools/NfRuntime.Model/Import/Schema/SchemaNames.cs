using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Import.Schema;

/// <summary>Names of the TFLite schema (version 3) for messages, and its tensor types as far as the IR has them.</summary>
internal static class SchemaNames
{
    /// <summary>The code that stands for operators named by their custom code.</summary>
    public const int Custom = 32;

    /// <summary>The name of a builtin operator: those that int8 models are made of, and those that name other subgraphs or resources.</summary>
    public static string Operator(int code) => code switch
    {
        0 => "ADD",
        1 => "AVERAGE_POOL_2D",
        2 => "CONCATENATION",
        3 => "CONV_2D",
        4 => "DEPTHWISE_CONV_2D",
        5 => "DEPTH_TO_SPACE",
        6 => "DEQUANTIZE",
        9 => "FULLY_CONNECTED",
        11 => "L2_NORMALIZATION",
        14 => "LOGISTIC",
        16 => "LSTM",
        17 => "MAX_POOL_2D",
        18 => "MUL",
        19 => "RELU",
        20 => "RELU_N1_TO_1",
        21 => "RELU6",
        22 => "RESHAPE",
        23 => "RESIZE_BILINEAR",
        25 => "SOFTMAX",
        26 => "SPACE_TO_DEPTH",
        27 => "SVDF",
        28 => "TANH",
        31 => "CALL",
        Custom => "CUSTOM",
        34 => "PAD",
        36 => "GATHER",
        37 => "BATCH_TO_SPACE_ND",
        38 => "SPACE_TO_BATCH_ND",
        39 => "TRANSPOSE",
        40 => "MEAN",
        41 => "SUB",
        42 => "DIV",
        43 => "SQUEEZE",
        44 => "UNIDIRECTIONAL_SEQUENCE_LSTM",
        45 => "STRIDED_SLICE",
        47 => "EXP",
        49 => "SPLIT",
        50 => "LOG_SOFTMAX",
        53 => "CAST",
        54 => "PRELU",
        55 => "MAXIMUM",
        56 => "ARG_MAX",
        57 => "MINIMUM",
        60 => "PADV2",
        65 => "SLICE",
        67 => "TRANSPOSE_CONV",
        70 => "EXPAND_DIMS",
        74 => "SUM",
        75 => "SQRT",
        76 => "RSQRT",
        77 => "SHAPE",
        79 => "ARG_MIN",
        82 => "REDUCE_MAX",
        83 => "PACK",
        88 => "UNPACK",
        97 => "RESIZE_NEAREST_NEIGHBOR",
        98 => "LEAKY_RELU",
        99 => "SQUARED_DIFFERENCE",
        100 => "MIRROR_PAD",
        101 => "ABS",
        102 => "SPLIT_V",
        111 => "ELU",
        114 => "QUANTIZE",
        117 => "HARD_SWISH",
        118 => "IF",
        119 => "WHILE",
        126 => "BATCH_MATMUL",
        129 => "CALL_ONCE",
        142 => "VAR_HANDLE",
        143 => "READ_VARIABLE",
        144 => "ASSIGN_VARIABLE",
        150 => "GELU",
        _ => $"builtin operator {code}",
    };

    /// <summary>The name of a TensorType.</summary>
    public static string TensorType(int code) => code switch
    {
        0 => "float32",
        1 => "float16",
        2 => "int32",
        3 => "uint8",
        4 => "int64",
        5 => "string",
        6 => "bool",
        7 => "int16",
        9 => "int8",
        10 => "float64",
        13 => "resource",
        14 => "variant",
        15 => "uint32",
        16 => "uint16",
        17 => "int4",
        18 => "bfloat16",
        19 => "int2",
        _ => $"tensor type {code}",
    };

    /// <summary>The IR's type for a TensorType, or null when the IR has none.</summary>
    public static ElementType? ElementType(int code) => code switch
    {
        0 => Ir.ElementType.Float32,
        2 => Ir.ElementType.Int32,
        4 => Ir.ElementType.Int64,
        7 => Ir.ElementType.Int16,
        9 => Ir.ElementType.Int8,
        _ => null,
    };

    /// <summary>The name of an IR type as messages write it.</summary>
    public static string Name(ElementType type) => type switch
    {
        Ir.ElementType.Int8 => "int8",
        Ir.ElementType.Int16 => "int16",
        Ir.ElementType.Int32 => "int32",
        Ir.ElementType.Int64 => "int64",
        _ => "float32",
    };
}
