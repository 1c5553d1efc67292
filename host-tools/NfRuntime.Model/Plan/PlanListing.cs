using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan.Lowering;
using NfRuntime.Model.Plan.Memory;

namespace NfRuntime.Model.Plan;

/// <summary>The records of a plan one by one, as its author knows them: those of operators, and a chain's before its members.</summary>
internal static class PlanListing
{
    private const string ChainName = "CHAIN";

    /// <summary>One a record, in execution order.</summary>
    public static IReadOnlyList<PlanOperatorInfo> Operators(Graph graph, IReadOnlyList<LoweredOperator> operators, ArenaPlan arena)
    {
        var infos = new List<PlanOperatorInfo>();
        foreach (PlanStep step in arena.Storage.Steps)
        {
            if (step.Chain is not null)
            {
                infos.Add(new PlanOperatorInfo(infos.Count, PlanKind.Chain, operators[step.Last].Node.SourceIndex, ChainName, string.Empty) { HasOutput = false });
            }

            for (int op = step.First; op <= step.Last; op++)
            {
                Node node = operators[op].Node;
                infos.Add(new PlanOperatorInfo(infos.Count, operators[op].Kind, node.SourceIndex, OperatorNames.Of(node.Kind), graph.Tensors[operators[op].Output].Name)
                {
                    HasOutput = op == step.Last,
                });
            }
        }

        return infos;
    }

    /// <summary>One a record, in execution order; the members of a chain live in its memory.</summary>
    public static IReadOnlyList<PlanReportRow> Rows(Graph graph, IReadOnlyList<LoweredOperator> operators, ArenaPlan arena)
    {
        var rows = new List<PlanReportRow>();
        for (int index = 0; index < arena.Storage.Steps.Count; index++)
        {
            PlanStep step = arena.Storage.Steps[index];
            long live = MemoryPlanner.LiveBytes(arena.Storage.Requests, arena.Storage.Overlaps, index);
            if (step.Chain is { } chain)
            {
                LoweredOperator last = operators[step.Last];
                rows.Add(new PlanReportRow(rows.Count, last.Node.SourceIndex, PlanKind.Chain, graph.Tensors[last.Output].Shape, 0, 0, live) { Members = chain.Shape.Members.Count });
            }

            for (int op = step.First; op <= step.Last; op++)
            {
                rows.Add(new PlanReportRow(
                    rows.Count, operators[op].Node.SourceIndex, operators[op].Kind, graph.Tensors[operators[op].Output].Shape, operators[op].Macs, operators[op].WeightBytes, live)
                {
                    HeldRows = op < step.Last ? step.Chain!.HeldRows(op - step.First) : 0,
                });
            }
        }

        return rows;
    }

    /// <summary>The row of a step: its operator's, or its chain's.</summary>
    public static int RowOf(ArenaPlan arena, int step) =>
        arena.Storage.Steps.Take(step).Sum(one => one.Last - one.First + (one.Chain is null ? 1 : 2));
}
