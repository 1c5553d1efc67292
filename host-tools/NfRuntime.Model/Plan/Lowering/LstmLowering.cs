using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Plan.Lowering;

/// <summary>UNIDIRECTIONAL_SEQUENCE_LSTM (struct nfr_plan_lstm), the plain form without peephole, projection and layer normalization.</summary>
internal static class LstmLowering
{
    private const int HiddenState = 18;
    private const int CellState = 19;
    private const float GateInputScale = 1f / 4096f;   // Q3.12, the input of the gates' tables
    private const float GateOutputScale = 1f / 32768f; // Q0.15, the output of the gates' tables

    public static LoweredOperator Lower(LoweringContext context, LstmAttributes attributes)
    {
        Tensor input = context.Input(0);
        Tensor hidden = context.Input(HiddenState);
        Tensor cell = context.Input(CellState);
        CheckForm(context, attributes, input, hidden, cell);
        int batches = input.Shape[attributes.TimeMajor ? 1 : 0];
        int steps = input.Shape[attributes.TimeMajor ? 0 : 1];
        int inputSize = input.Shape[2];
        int stateSize = hidden.Shape[^1];
        float cellScale = context.Quantized(cell, "cell state").Scale;
        Quantization hiddenScale = context.Quantized(hidden, "hidden state");
        int? exponent = PowersOfTwo.Exponent(cellScale);
        context.Require(exponent is >= -43 and <= 2, $"the cell state's scale {cellScale} is not a power of two that the table can take");
        QuantizedMultiplier forget = context.Multiplier((double)GateOutputScale * cellScale / cellScale, "forget gate");
        QuantizedMultiplier update = context.Multiplier((double)GateOutputScale * GateOutputScale / cellScale, "input gate");
        QuantizedMultiplier output = context.Multiplier((double)GateOutputScale * GateOutputScale / hiddenScale.Scale, "output gate");
        ParameterBlock block = new ParameterBlock().U32(batches).U32(steps).U32(inputSize).U32(stateSize)
            .U8(attributes.TimeMajor ? 1 : 0).I8(12 + exponent.Value)
            .I8(forget.Shift).I8(update.Shift).I8(output.Shift).U8(0)
            .I16(CellClip(context, attributes, cellScale))
            .I16(-context.Quantized(input, "input").ZeroPoint).I16(-hiddenScale.ZeroPoint).I16(hiddenScale.ZeroPoint).U16(0)
            .I32(forget.Mantissa).I32(update.Mantissa).I32(output.Mantissa)
            .U32(context.Constants.Add(LookupTables.Sigmoid16(), 2));
        bool packed = input.Type == ElementType.Int8 && context.Target.Layouts.Contains(WeightLayout.Smlad);
        IReadOnlyList<LstmGates.Constants> constants = packed ? LstmGates.Together(context, inputSize, stateSize) : LstmGates.Each(context, inputSize, stateSize);
        for (int gate = 0; gate < 4; gate++)
        {
            WriteGate(context, block, gate, constants[gate]);
        }

        return new LoweredOperator(context.Node, PlanKind.Lstm, block.ToArray())
        {
            Layout = packed ? WeightLayout.Smlad : WeightLayout.Plain,
            Inputs = [context.Node.Inputs[0], context.Node.Inputs[HiddenState], context.Node.Inputs[CellState]],
            Scratch = packed ? (ElementType.Int16, LstmGates.ScratchBytes(inputSize, stateSize)) : (input.Type, (long)stateSize * input.Type.Size()),
            Macs = (long)batches * steps * 4 * stateSize * (inputSize + stateSize),
            WeightBytes = 4L * stateSize * (inputSize + stateSize),
        };
    }

    private static void CheckForm(LoweringContext context, LstmAttributes attributes, Tensor input, Tensor hidden, Tensor cell)
    {
        context.Require(input.Type is ElementType.Int8 or ElementType.Int16, $"an input of type {input.Type} is not supported");
        context.Require(input.Shape.Count == 3, $"an input of rank {input.Shape.Count} is not supported");
        context.Require(context.Output.Type == input.Type && hidden.Type == input.Type, "output, hidden state and input differ in type");
        context.Require(hidden.IsVariable && cell.IsVariable, "hidden or cell state is not a variable");
        context.Require(cell.Type == ElementType.Int16, $"a cell state of type {cell.Type} is not supported");
        context.Require(attributes.ProjectionClip == 0, "a projection clip is not supported");
        context.Require(attributes.Activation == Activation.Tanh, $"a cell gate with activation {attributes.Activation} is not supported");
        foreach (int position in (ReadOnlySpan<int>)[9, 10, 11, 16, 17, 20, 21, 22, 23])
        {
            context.Require(context.OptionalInput(position) is null, $"input {position} (peephole, projection or layer normalization) is not supported");
        }
    }

    private static int CellClip(LoweringContext context, LstmAttributes attributes, float cellScale)
    {
        if (attributes.CellClip <= 0)
        {
            return 0;
        }

        int clip = (int)Math.Min((double)attributes.CellClip / cellScale, short.MaxValue);
        context.Require(clip > 0, $"a cell clip of {attributes.CellClip} is below the cell state's scale {cellScale}");
        return clip;
    }

    private static void WriteGate(LoweringContext context, ParameterBlock block, int gate, LstmGates.Constants constants)
    {
        QuantizedMultiplier inputFactor = Factor(context, context.Input(0), context.Input(LstmGates.FirstFromInput + gate));
        QuantizedMultiplier hiddenFactor = Factor(context, context.Input(HiddenState), context.Input(LstmGates.FirstFromHidden + gate));
        block.U32(constants.FromInput).U32(constants.FromHidden).U32(constants.Bias)
            .I32(inputFactor.Mantissa).I32(hiddenFactor.Mantissa).I8(inputFactor.Shift).I8(hiddenFactor.Shift).U16(0);
    }

    private static QuantizedMultiplier Factor(LoweringContext context, Tensor activation, Tensor weights)
    {
        float product = context.Quantized(activation, "input").Scale * context.Quantized(weights, "weights").Scale;
        QuantizedMultiplier factor = context.Multiplier((double)product / GateInputScale, "weights");
        context.Require(activation.Type == ElementType.Int8 || factor.Shift <= Requantization.MaxShift64, $"a factor beyond 2^{Requantization.MaxShift64} is not possible with a 64-bit accumulator");
        return factor;
    }
}
