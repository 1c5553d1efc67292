using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan.Chains;
using NfRuntime.Model.Plan.Lowering;

namespace NfRuntime.Model.Plan.Memory;

/// <summary>What hinders a smaller arena, in sentences.</summary>
internal static class MemoryReasons
{
    public static IEnumerable<string> Of(
        Graph graph, IReadOnlyList<LoweredOperator> operators, ArenaPlan arena, Lifetimes lifetimes, int peakStep, IReadOnlyList<PeakOccupant> peak)
    {
        if (Placement(arena) is { } placement)
        {
            yield return placement;
        }

        long model = peak.Where(one => one.IsModelInput || one.IsModelOutput).Sum(one => one.Bytes);
        if (2 * model > arena.Memory.Peak)
        {
            yield return $"{Bytes(model)} of the peak are inputs and outputs of the model, which are there as a whole.";
        }

        PlanStep step = arena.Storage.Steps[peakStep];
        yield return step.Chain is { } chain ? Chain(chain) : Alone(graph, operators, lifetimes, step);
        if (arena.Least < arena.Bound)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"Streaming more would need {Bytes(arena.Least)} and cost {arena.LeastGrowth:P1} more instructions: not worth it by the compiler's measure.");
        }
    }

    private static string? Placement(ArenaPlan arena) =>
        arena.Memory.Peak == arena.Bound ? null
        : arena.Memory.IsOptimal ? $"Tensors that live through several operators cannot lie where each of these would want them: {Bytes(arena.Memory.Peak - arena.Bound)} above the bound. All placements were searched."
        : $"The search for a better placement ended {Bytes(arena.Memory.Peak - arena.Bound)} above the bound, before it was complete.";

    private static string Chain(Chain chain) => chain.Height == 1
        ? "The chain at the peak computes one row a turn: it cannot hold fewer rows."
        : $"The chain at the peak computes {chain.Height} rows a turn, since fewer would not make the whole plan smaller.";

    // Which of the conditions for being a member of a chain the operator, or what is around it, does not meet.
    private static string Alone(Graph graph, IReadOnlyList<LoweredOperator> operators, Lifetimes lifetimes, PlanStep step)
    {
        LoweredOperator op = operators[step.First];
        string name = OperatorNames.Of(op.Node.Kind);
        if (ChainMember.Of(graph, op) is null)
        {
            return $"{name} at the peak cannot be streamed: it needs more of its input at once than some rows, or works on several images.";
        }

        bool outputIsSeen = lifetimes.IsKept(lifetimes.RootOf(op.Output));
        bool before = step.First > 0 && ChainMember.Of(graph, operators[step.First - 1]) is not null && op.Inputs.Contains(operators[step.First - 1].Output);
        bool after = step.Last + 1 < operators.Count && ChainMember.Of(graph, operators[step.Last + 1]) is not null && operators[step.Last + 1].Inputs.Contains(op.Output);
        return !before && !after ? $"{name} at the peak has no neighbour that could be streamed with it."
            : outputIsSeen ? $"{name} at the peak writes an output of the model, which is there as a whole."
            : $"Streaming {name} at the peak with its neighbours needs no less, or costs more than it saves.";
    }

    private static string Bytes(long value) => value.ToString("N0", CultureInfo.InvariantCulture) + " B";
}
