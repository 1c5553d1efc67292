using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Plan.Lowering;

/// <summary>One operator while it is lowered: its tensors, the constants it adds, and errors in its name.</summary>
internal sealed class LoweringContext(Graph graph, Node node, ConstantPool constants, TargetDescription target)
{
    public Node Node => node;

    public ConstantPool Constants => constants;

    public TargetDescription Target => target;

    public Tensor Output => graph.Tensors[node.Outputs[0]];

    /// <summary>The operator's source index and name for messages.</summary>
    public CompileException Error(string reason) => new(node.SourceIndex, OperatorNames.Of(node.Kind), reason);

    [DoesNotReturn]
    public void Fail(string reason) => throw Error(reason);

    public void Require([DoesNotReturnIf(false)] bool condition, string reason)
    {
        if (!condition)
        {
            throw Error(reason);
        }
    }

    /// <summary>Input <paramref name="position"/>, or null when it is absent.</summary>
    public Tensor? OptionalInput(int position) => node.InputOrNone(position) is >= 0 and int index ? graph.Tensors[index] : null;

    public Tensor Input(int position) => OptionalInput(position) ?? throw Error($"input {position} is missing");

    /// <summary>The per-tensor quantization of an activation.</summary>
    public Quantization Quantized(Tensor tensor, string what)
    {
        Require(tensor.Quantization is not null, $"the {what} has no quantization");
        Require(!tensor.Quantization.IsPerChannel, $"the {what} is quantized per channel");
        return tensor.Quantization;
    }

    /// <summary>Bytes of a constant input.</summary>
    public ReadOnlyMemory<byte> Constant(Tensor tensor, string what)
    {
        Require(tensor.Data is not null, $"the {what} is not a constant");
        return tensor.Data.Value;
    }

    /// <summary>A multiplier that a plan can hold.</summary>
    public QuantizedMultiplier Multiplier(double factor, string what)
    {
        Require(double.IsFinite(factor) && factor >= 0, $"the factor of the {what} is {factor}");
        QuantizedMultiplier multiplier = QuantizedMultiplier.From(factor);
        Require(multiplier.IsRepresentable, $"the factor of the {what} is {factor}, beyond 2^{PlanFormat.MaxShift}");
        return multiplier;
    }

    /// <summary>The clamp of a fused activation in the output's quantized values; a zero scale division is float32 as in the reference.</summary>
    public (int Min, int Max) Clamp(Activation activation)
    {
        (int low, int high) = Range(Output.Type);
        if (activation == Activation.None)
        {
            return (low, high);
        }

        Quantization quantization = Quantized(Output, "output");
        int min = Quantize(activation == Activation.ReluN1To1 ? -1f : 0f, quantization);
        int max = activation switch
        {
            Activation.Relu6 => Quantize(6f, quantization),
            Activation.ReluN1To1 => Quantize(1f, quantization),
            _ => high,
        };
        (int Min, int Max) clamp = (Math.Max(low, min), Math.Min(high, max));
        Require(clamp.Min <= clamp.Max, $"the activation's range [{clamp.Min}, {clamp.Max}] is empty");
        return clamp;
    }

    /// <summary>Smallest and largest value of a quantized type.</summary>
    public (int Min, int Max) Range(ElementType type)
    {
        Require(type is ElementType.Int8 or ElementType.Int16, $"type {type} is not supported here");
        return type == ElementType.Int8 ? (sbyte.MinValue, sbyte.MaxValue) : (short.MinValue, short.MaxValue);
    }

    /// <summary>Adds multipliers and shifts to the constants.</summary>
    public (uint Multipliers, uint Shifts) AddMultipliers(IReadOnlyList<QuantizedMultiplier> multipliers)
    {
        var mantissas = new byte[multipliers.Count * 4];
        var shifts = new byte[multipliers.Count];
        for (int i = 0; i < multipliers.Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(mantissas.AsSpan(i * 4), multipliers[i].Mantissa);
            shifts[i] = unchecked((byte)multipliers[i].Shift);
        }

        return (constants.Add(mantissas, 4), constants.Add(shifts, 1));
    }

    private int Quantize(float value, Quantization quantization)
    {
        float steps = MathF.Round(value / quantization.Scale, MidpointRounding.AwayFromZero);
        Require(Math.Abs(steps) <= int.MaxValue / 2, "the activation's bound is out of range");
        return quantization.ZeroPoint + (int)steps;
    }
}
