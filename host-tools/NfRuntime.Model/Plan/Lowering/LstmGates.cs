using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Plan.Lowering;

/// <summary>Weights and biases of an LSTM's gates as constants of the plan, by layout (firmware/engine/SPEC.md section 6).</summary>
internal static class LstmGates
{
    /// <summary>Position of the input gate's input weights among the operator's inputs; the other gates' follow.</summary>
    public const int FirstFromInput = 1;

    /// <summary>Position of the input gate's recurrent weights; the other gates' follow.</summary>
    public const int FirstFromHidden = 5;

    private const int FirstBias = 12;
    private const int Count = 4;
    private const int StepsTogether = 2; // NFR_LSTM_STEPS

    /// <summary>Offsets of a gate's constants; <see cref="PlanFormat.None32"/> where there is none.</summary>
    public readonly record struct Constants(uint FromInput, uint FromHidden, uint Bias);

    /// <summary>Layout 0: each gate's as in the .tflite.</summary>
    public static IReadOnlyList<Constants> Each(LoweringContext context, int inputSize, int stateSize)
    {
        var gates = new Constants[Count];
        for (int gate = 0; gate < Count; gate++)
        {
            uint fromInput = context.Constants.Add(Weights(context, FirstFromInput + gate, stateSize, inputSize).Span, PlanFormat.Alignment);
            uint fromHidden = context.Constants.Add(Weights(context, FirstFromHidden + gate, stateSize, stateSize).Span, PlanFormat.Alignment);
            Tensor? bias = Bias(context, gate, stateSize);
            gates[gate] = new(fromInput, fromHidden, bias is null ? PlanFormat.None32 : context.Constants.Add(context.Constant(bias, "bias").Span, bias.Type.Size()));
        }

        return gates;
    }

    /// <summary>Layout 1: the first gate's are those of all, a cell after the other.</summary>
    public static IReadOnlyList<Constants> Together(LoweringContext context, int inputSize, int stateSize)
    {
        var biases = new int[stateSize * Count];
        for (int gate = 0; gate < Count; gate++)
        {
            if (Bias(context, gate, stateSize) is { } tensor)
            {
                ReadOnlySpan<int> bias = MemoryMarshal.Cast<byte, int>(context.Constant(tensor, "bias").Span);
                for (int cell = 0; cell < stateSize; cell++)
                {
                    biases[(cell * Count) + gate] = bias[cell];
                }
            }
        }

        uint fromInput = context.Constants.Add(Pack(context, FirstFromInput, stateSize, inputSize), PlanFormat.Alignment);
        uint fromHidden = context.Constants.Add(Pack(context, FirstFromHidden, stateSize, stateSize), PlanFormat.Alignment);
        var none = new Constants(PlanFormat.None32, PlanFormat.None32, PlanFormat.None32);
        return [new(fromInput, fromHidden, context.Constants.Add(MemoryMarshal.AsBytes(biases.AsSpan()), sizeof(int))), none, none, none];
    }

    /// <summary>Scratch of layout 1: the widened hidden state, the widened inputs of two steps, and what these give to each cell's gates.</summary>
    public static long ScratchBytes(int inputSize, int stateSize) =>
        sizeof(short) * (Padded(stateSize) + (StepsTogether * Padded(inputSize)) + (StepsTogether * Count * (long)stateSize));

    private static long Padded(int depth) => (depth + 3L) & ~3L;

    // Two taps of two gates are a word: input and forget gate, then cell and output gate.
    private static byte[] Pack(LoweringContext context, int firstPosition, int rows, int depth)
    {
        int cellBytes = checked((int)(Count * Padded(depth)));
        var packed = new byte[checked(rows * cellBytes)];
        for (int gate = 0; gate < Count; gate++)
        {
            ReadOnlySpan<byte> weights = Weights(context, firstPosition + gate, rows, depth).Span;
            for (int i = 0; i < weights.Length; i++)
            {
                int k = i % depth;
                packed[(i / depth * cellBytes) + (k / 2 * 8) + (gate / 2 * 4) + (k % 2 * 2) + (gate % 2)] = weights[i];
            }
        }

        return packed;
    }

    private static ReadOnlyMemory<byte> Weights(LoweringContext context, int position, int rows, int columns)
    {
        Tensor weights = context.Input(position);
        bool fits = weights.Type == ElementType.Int8 && weights.Shape.Count == 2 && weights.Shape[0] == rows && weights.Shape[1] == columns;
        context.Require(fits, $"input {position} is not int8[{rows}, {columns}]");
        context.Require(context.Quantized(weights, "weights").ZeroPoint == 0, $"weights with zero point {weights.Quantization?.ZeroPoint} are not supported");
        return context.Constant(weights, "weights tensor");
    }

    private static Tensor? Bias(LoweringContext context, int gate, int units)
    {
        Tensor? bias = context.OptionalInput(FirstBias + gate);
        ElementType type = context.Input(0).Type == ElementType.Int16 ? ElementType.Int64 : ElementType.Int32;
        context.Require(bias is null || (bias.Type == type && bias.ElementCount == units), $"input {FirstBias + gate} is not {type}[{units}]");
        return bias;
    }
}
