using System;
using System.Collections.Generic;

namespace NfRuntime.Model.Ir;

/// <summary>One tensor of a <see cref="Graph"/>: an activation, a constant, or a variable (state kept between inferences).</summary>
/// <param name="Name">Name in the source model; for messages only, may be empty or repeated.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Dimensions, each at least 1, rank 0 to 6; row-major, images NHWC.</param>
/// <param name="Quantization">Null for float32, and for integer tensors that are not quantized (axes, shapes).</param>
/// <param name="Data">The bytes of a constant (exactly <see cref="ByteSize"/>), null otherwise.</param>
/// <param name="IsVariable">State: kept between inferences, reset to its zero point.</param>
/// <param name="SourceIndex">Index in the .tflite tensor table; −1 for a tensor that a pass made.</param>
public sealed record Tensor(
    string Name,
    ElementType Type,
    IReadOnlyList<int> Shape,
    Quantization? Quantization,
    ReadOnlyMemory<byte>? Data,
    bool IsVariable,
    int SourceIndex)
{
    /// <summary>Product of the dimensions (1 for a scalar).</summary>
    public int ElementCount
    {
        get
        {
            long count = 1;
            foreach (int dimension in Shape)
            {
                count = checked(count * dimension);
            }

            return checked((int)count);
        }
    }

    /// <summary>Bytes of the whole tensor.</summary>
    public int ByteSize => checked(ElementCount * Type.Size());

    /// <summary>Whether the tensor's bytes are known when the model is compiled.</summary>
    public bool IsConstant => Data.HasValue;
}
