namespace NfRuntime.Model.Ir;

/// <summary>Element type of a tensor. Multi-byte elements are little-endian everywhere in the IR.</summary>
public enum ElementType
{
    /// <summary>Signed 8-bit, quantized.</summary>
    Int8,

    /// <summary>Signed 16-bit, quantized with zero point 0 (activations) or cell state of an LSTM.</summary>
    Int16,

    /// <summary>Signed 32-bit: biases, axes, shapes, paddings, int32 outputs.</summary>
    Int32,

    /// <summary>Signed 64-bit: biases of int16 convolutions, indices.</summary>
    Int64,

    /// <summary>IEEE 754 binary32: model inputs and outputs around an int8 body.</summary>
    Float32,
}

/// <summary>Sizes of element types.</summary>
public static class ElementTypes
{
    /// <summary>Bytes of one element of <paramref name="type"/>.</summary>
    public static int Size(this ElementType type) => type switch
    {
        ElementType.Int8 => 1,
        ElementType.Int16 => 2,
        ElementType.Int32 or ElementType.Float32 => 4,
        ElementType.Int64 => 8,
        _ => throw new System.ArgumentOutOfRangeException(nameof(type)),
    };
}
