using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>What the kernels ask of their tensors, with one wording of each refusal.</summary>
internal static class TensorChecks
{
    /// <summary>The quantization of a tensor that must have one.</summary>
    /// <exception cref="NotSupportedException">The tensor is not quantized.</exception>
    public static Quantization QuantizationOf(Tensor tensor) =>
        tensor.Quantization ?? throw new NotSupportedException($"Tensor '{tensor.Name}' ({tensor.Type}) must be quantized.");

    /// <summary>Zero point of a quantized tensor; an int16 activation must have 0.</summary>
    /// <exception cref="NotSupportedException">An int16 tensor with another zero point, or no quantization.</exception>
    public static int ZeroPointOf(Tensor tensor)
    {
        int zeroPoint = QuantizationOf(tensor).ZeroPoint;
        if (tensor.Type == ElementType.Int16 && zeroPoint != 0)
        {
            throw new NotSupportedException($"Int16 tensor '{tensor.Name}' has zero point {zeroPoint}; it must be 0.");
        }

        return zeroPoint;
    }

    /// <summary>Refuses a tensor that is of none of the types.</summary>
    /// <exception cref="NotSupportedException">The type is not listed.</exception>
    public static void RequireType(Tensor tensor, params ReadOnlySpan<ElementType> types)
    {
        if (!types.Contains(tensor.Type))
        {
            throw new NotSupportedException($"Tensor '{tensor.Name}' is {tensor.Type}; expected {string.Join(" or ", types.ToArray())}.");
        }
    }
}
