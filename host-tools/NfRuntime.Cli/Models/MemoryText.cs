using System.Collections.Generic;
using System.Linq;
using NfRuntime.Cli.Output;
using NfRuntime.Model.Plan;

namespace NfRuntime.Cli.Models;

/// <summary>Why the arena of a plan is as large as it is: what lies there at the peak, what was saved, and what hinders less.</summary>
internal static class MemoryText
{
    public static void Write(ToolConsole console, CompiledPlan plan)
    {
        MemoryReport memory = plan.Report.Memory;
        console.Line();
        console.Labelled("arena", $"{Figures.Bytes(memory.Bytes)}; {Bound(memory)}{Without(memory)}");
        console.Labelled("saved by", string.Join("; ", Freedoms(plan.Report)));
        foreach (ChainReport chain in memory.Chains)
        {
            console.Labelled(
                "chain", $"{Span(plan, chain)}: {Figures.Plural(chain.Stripes, "turn")} of {Figures.Plural(chain.Height, "row")}; tensors of {Figures.Bytes(chain.StreamedBytes)} pass through {Figures.Bytes(chain.WorkingBytes)}");
        }

        console.Labelled("peak (*)", Peak(plan));
        WritePeak(console, memory);
        foreach (string reason in memory.Reasons)
        {
            console.Labelled("why not less", reason);
        }
    }

    private static string Bound(MemoryReport memory) =>
        memory.Bytes == memory.Bound ? "no plan of these steps needs less"
        : memory.IsBest ? $"the best there is, with a bound of {Figures.Bytes(memory.Bound)}"
        : $"no plan needs less than the bound of {Figures.Bytes(memory.Bound)}";

    private static string Without(MemoryReport memory) =>
        memory.Chains.Count == 0 ? string.Empty : $" ({Figures.Bytes(memory.WithoutChains)} without chains)";

    private static IEnumerable<string> Freedoms(PlanReport report)
    {
        yield return $"{Figures.Plural(report.InPlaceOperators, "output")} in place of an input";
        yield return $"{report.OverlappingOperators} over a part of it, row by row";
        yield return $"{Figures.Plural(report.Memory.Chains.Count, "chain")}";
        yield return $"{Figures.Plural(report.Memory.FusedOperators, "operator")} of the model fused or without work";
    }

    private static string Span(CompiledPlan plan, ChainReport chain) =>
        $"operators {plan.Operators[chain.Row + 1].SourceOperator} ({plan.Operators[chain.Row + 1].SourceName}) to {plan.Operators[chain.Row + chain.Members].SourceOperator} ({plan.Operators[chain.Row + chain.Members].SourceName})";

    private static string Peak(CompiledPlan plan)
    {
        PlanOperatorInfo peak = plan.Operators[plan.Report.PeakOperator];
        return plan.Report.Memory.Chains.FirstOrDefault(chain => chain.Row == peak.Index) is { } chain
            ? $"the chain of {Span(plan, chain)}; there lie"
            : $"operator {peak.SourceOperator} ({peak.SourceName}); there lie";
    }

    private static void WritePeak(ToolConsole console, MemoryReport memory)
    {
        int width = memory.Peak.Max(one => Figures.Bytes(one.Bytes).Length);
        foreach (PeakOccupant one in memory.Peak)
        {
            console.Labelled(string.Empty, $"{Figures.Bytes(one.Bytes).PadLeft(width)}  {Describe(one)}");
        }

        if (memory.SharedBytes > 0)
        {
            console.Labelled(string.Empty, $"{$"−{Figures.Bytes(memory.SharedBytes)}".PadLeft(width)}  that they share: the output is computed over what dies");
        }
    }

    private static string Describe(PeakOccupant one)
    {
        string what = one.Role switch
        {
            OccupantRole.Scratch => "scratch",
            OccupantRole.Streamed => "rows that are passed on in the chain, and its scratch",
            _ => (one.IsModelInput ? "the model's input" : one.IsModelOutput ? "the model's output" : "tensor")
                + (one.Tensor.Length == 0 ? string.Empty : $" \"{Printable.TensorName(one.Tensor)}\""),
        };
        string why = one.Role switch
        {
            OccupantRole.Read => ", read here",
            OccupantRole.Written => ", written here",
            OccupantRole.Kept => ", kept",
            _ => string.Empty,
        };
        return what + why + (one.NeededBy is { } op ? $", needed until operator {op}" : string.Empty);
    }
}
