using static NfRuntime.Model.Tests.Import.Building.ModelBuilder;

namespace NfRuntime.Model.Tests.Import.Building;

/// <summary>Changes to a built model, named after what they do to it.</summary>
internal static class Changes
{
    public static ModelBuilder Shape(this ModelBuilder m, int tensor, params int[] shape)
    {
        m.Tensors[tensor].Set(TensorField.Shape, shape);
        return m;
    }

    public static ModelBuilder Type(this ModelBuilder m, int tensor, sbyte type)
    {
        m.Tensors[tensor].Set(TensorField.Type, type);
        return m;
    }

    public static ModelBuilder Quantization(this ModelBuilder m, int tensor, FbTable? quantization)
    {
        m.Tensors[tensor].Set(TensorField.Quantization, quantization);
        return m;
    }

    /// <summary>Replaces the bytes of a constant.</summary>
    public static ModelBuilder Data(this ModelBuilder m, int tensor, byte[]? data)
    {
        m.Buffers[(int)(uint)m.Tensors[tensor].Fields[TensorField.Buffer]].Set(0, data);
        return m;
    }

    /// <summary>Makes a constant an input of the model.</summary>
    public static ModelBuilder MakeInput(this ModelBuilder m, int tensor)
    {
        m.Tensors[tensor].Set(TensorField.Buffer, null);
        m.Inputs = [.. m.Inputs, tensor];
        return m;
    }

    public static ModelBuilder Option(this ModelBuilder m, int field, object? value)
    {
        ((FbTable)m.Operators[0].Fields[OperatorField.Options]).Set(field, value);
        return m;
    }

    public static ModelBuilder Operands(this ModelBuilder m, params int[] inputs)
    {
        m.Operators[0].Set(OperatorField.Inputs, inputs);
        return m;
    }
}
