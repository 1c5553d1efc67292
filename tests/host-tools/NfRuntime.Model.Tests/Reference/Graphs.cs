using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Tests.Reference;

/// <summary>Builds graphs of one operator: tensors in the order inputs, constants and states, output.</summary>
internal static class Graphs
{
    public static Tensor Activation(int[] shape, float scale, int zeroPoint, ElementType type = ElementType.Int8) =>
        new("activation", type, shape, Quantization.PerTensor(scale, zeroPoint), null, false, -1);

    public static Tensor State(int[] shape, float scale, int zeroPoint, ElementType type = ElementType.Int8) =>
        Activation(shape, scale, zeroPoint, type) with { Name = "state", IsVariable = true };

    public static Tensor Weights(int[] shape, float scale, params sbyte[] values) =>
        Activation(shape, scale, 0) with { Name = "weights", Data = Bytes(values) };

    public static Tensor Bias(params int[] values) =>
        new("bias", ElementType.Int32, [values.Length], null, Bytes(values), false, -1);

    /// <summary>A graph whose only operator reads <paramref name="operands"/> in order and writes <paramref name="output"/>.</summary>
    public static Graph Single(OperatorAttributes attributes, Tensor output, params Tensor[] operands)
    {
        Tensor[] tensors = [.. operands, output];
        int[] inputs = [.. Enumerable.Range(0, operands.Length).Where(i => !operands[i].IsConstant && !operands[i].IsVariable)];
        Node node = new(7, attributes, [.. Enumerable.Range(0, operands.Length)], [operands.Length]);
        return new Graph("single", tensors, [node], inputs, [operands.Length]);
    }

    public static byte[] Bytes<T>(params T[] values)
        where T : unmanaged => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    public static T[] Values<T>(IReadOnlyList<byte[]> outputs)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(outputs.Single()).ToArray();
}
