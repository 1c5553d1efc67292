using System;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan.Lowering;

namespace NfRuntime.Model.Plan.Chains;

/// <summary>What a chain costs more than its operators one after the other, in instructions of a Cortex-M4, roughly.</summary>
internal static class ChainCosts
{
    // To bind a member, to adapt its parameters and to start its kernel.
    private const int CallInstructions = 500;
    private const int MoveInstructions = 60;
    private const int BytesAnInstruction = 2;

    /// <summary>What an operator costs by itself, roughly.</summary>
    public static double Work(Graph graph, LoweredOperator op) =>
        CallInstructions + (1.5 * op.Macs) + (10.0 * graph.Tensors[op.Output].ElementCount);

    /// <summary>What the chain costs on top of that.</summary>
    public static long Of(Chain chain)
    {
        long calls = chain.Stripes * chain.Shape.Members.Count * CallInstructions;
        long moves = 0;
        for (int i = 0; i < chain.Shape.Members.Count - 1; i++)
        {
            long rows = Math.Max(0, chain.Progress[i].End - chain.Progress[i].Start);
            moves += rows == 0 ? 0 : chain.Stripes * (MoveInstructions + (rows * chain.Shape.RowBytes[i] / BytesAnInstruction));
        }

        return calls + moves;
    }
}
