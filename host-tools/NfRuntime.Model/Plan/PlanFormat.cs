using System;

namespace NfRuntime.Model.Plan;

/// <summary>Numbers of the plan format; the same as in firmware/engine/nfr_plan.h, which firmware/engine/SPEC.md explains.</summary>
public static class PlanFormat
{
    /// <summary>"NFRP", little-endian.</summary>
    public const uint Magic = 0x5052464e;

    public const byte Major = 1;
    public const byte Minor = 0;

    /// <summary>Alignment, in bytes, of the blob, of arena, state and constants, and of each planned tensor.</summary>
    public const int Alignment = 16;

    public const int HeaderBytes = 64;
    public const int TensorBytes = 16;
    public const int IoBytes = 36;

    /// <summary>Bytes of an operator record before its parameters.</summary>
    public const int RecordBytes = 16;

    public const int MaxTensors = 1024;
    public const int MaxOperators = 512;

    /// <summary>Largest number of inputs; the same for outputs.</summary>
    public const int MaxIo = 8;

    public const int MaxRank = 6;

    /// <summary>Operand absent.</summary>
    public const ushort None16 = 0xffff;

    /// <summary>Constant absent.</summary>
    public const uint None32 = 0xffffffff;

    /// <summary>Smallest and largest shift of a multiplier; positive is to the left.</summary>
    public const int MinShift = -31;

    /// <inheritdoc cref="MinShift"/>
    public const int MaxShift = 30;

    /// <summary>Bit of the header's features: there is a CHAIN.</summary>
    public const uint FeatureChains = 2;

    /// <summary>Bytes of a member in a CHAIN's parameters.</summary>
    public const int ChainMemberBytes = 8;

    /// <summary>Largest number of members of a CHAIN.</summary>
    public const int MaxChainMembers = 32;

    /// <summary>Bytes of the parameters that follow a record of <paramref name="kind"/>; of a CHAIN those before its members.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The kind is unknown.</exception>
    public static int ParameterBytes(PlanKind kind) => kind switch
    {
        PlanKind.Add => 44,
        PlanKind.Mul => 36,
        PlanKind.Conv2D or PlanKind.DepthwiseConv2D => 60,
        PlanKind.FullyConnected => 40,
        PlanKind.AveragePool2D or PlanKind.MaxPool2D => 32,
        PlanKind.Softmax => 28,
        PlanKind.Lut => 8,
        PlanKind.Logistic16 => 16,
        PlanKind.Pad => 52,
        PlanKind.Mean => 36,
        PlanKind.Copy => 4,
        PlanKind.Transpose => 32,
        PlanKind.Quantize or PlanKind.Dequantize => 12,
        PlanKind.Requantize => 20,
        PlanKind.Svdf => 48,
        PlanKind.Lstm => 144,
        PlanKind.Chain => 4,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "unknown operator kind"),
    };

    /// <summary><paramref name="value"/> rounded up to a multiple of <see cref="Alignment"/>.</summary>
    /// <exception cref="OverflowException">The result exceeds 63 bits.</exception>
    public static long AlignUp(long value) => checked(value + (Alignment - 1)) & -(long)Alignment;
}

/// <summary>Operator kinds of a plan (enum nfr_kind).</summary>
public enum PlanKind
{
    Add = 1,
    Mul = 2,
    Conv2D = 3,
    DepthwiseConv2D = 4,
    FullyConnected = 5,
    AveragePool2D = 6,
    MaxPool2D = 7,
    Softmax = 8,

    /// <summary>int8 to int8 by a table of 256 entries.</summary>
    Lut = 9,
    Logistic16 = 10,
    Pad = 11,
    Mean = 12,
    Copy = 13,
    Transpose = 14,

    /// <summary>float32 to int8 or int16.</summary>
    Quantize = 15,

    /// <summary>Integer to integer.</summary>
    Requantize = 16,
    Dequantize = 17,
    Svdf = 18,
    Lstm = 19,

    /// <summary>Governs the records behind it, which take turns row by row.</summary>
    Chain = 20,
}

/// <summary>Memory regions of a plan (enum nfr_region).</summary>
public enum PlanRegion
{
    /// <summary>Transient: inputs, outputs, activations, scratch.</summary>
    Arena = 0,

    /// <summary>Kept between inferences.</summary>
    State = 1,

    /// <summary>The blob's constants, read only.</summary>
    Constant = 2,
}

/// <summary>Arrangements of weights (enum nfr_layout): permanent ids.</summary>
public enum WeightLayout
{
    /// <summary>As in the .tflite.</summary>
    Plain = 0,

    /// <summary>CONV_2D and FULLY_CONNECTED: pairs of output channels; the input's offset is in the bias.</summary>
    Smlad = 1,

    /// <summary>DEPTHWISE_CONV_2D: weights as in the .tflite; scratch for strips of rows, a channel a plane.</summary>
    Planes = 2,
}

/// <summary>Bits of nfr_plan_requant.flags.</summary>
[Flags]
public enum RequantOptions
{
    None = 0,

    /// <summary>One multiplier and shift an output channel instead of one for all.</summary>
    PerChannel = 1,

    /// <summary>The bias is int64.</summary>
    Bias64 = 2,

    /// <summary>int16 activations with a 64-bit accumulator, a 16-bit multiplier and one rounding.</summary>
    Accumulator64 = 4,
}
