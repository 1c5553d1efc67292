using System;
using System.Linq;
using NfRuntime.Cli.Output;
using NfRuntime.Model.Plan;

namespace NfRuntime.Cli.Models;

/// <summary>What compiling a model gave, as text and as JSON.</summary>
internal static class CompileText
{
    /// <summary>"arena 11,264 B (bound 10,752 B)   weights 38,912 B   state 0 B".</summary>
    public static string Costs(PlanReport report) =>
        $"arena {Figures.Bytes(report.ArenaBytes)} (bound {Figures.Bytes(report.LivenessBound)})"
        + $"   weights {Figures.Bytes(report.WeightBytes)}   state {Figures.Bytes(report.StateBytes)}";

    /// <summary>"13 operators   2,656,768 MACs".</summary>
    public static string Work(PlanReport report) =>
        $"{Figures.Plural(report.Rows.Count(row => row.Members == 0), "operator"),-14} {Figures.Plural(report.Macs, "MAC")}";

    /// <summary>The operators one a line, then the totals, then why the arena is as large as it is.</summary>
    public static void WriteReport(ToolConsole console, CompiledPlan plan)
    {
        PlanReport report = plan.Report;
        var table = new TextTable(">#", ">SOURCE", "OPERATOR", "OUTPUT", ">MACS", ">WEIGHTS", ">ARENA", "TENSOR");
        int membersLeft = 0;
        foreach ((PlanReportRow row, PlanOperatorInfo info) in report.Rows.Zip(plan.Operators))
        {
            bool isMember = membersLeft > 0;
            membersLeft = row.Members > 0 ? row.Members : Math.Max(0, membersLeft - 1);
            table.Add(
                $"{row.Index}",
                row.Members > 0 ? string.Empty : $"{row.SourceOperator}",
                (isMember ? "  " : string.Empty) + info.SourceName,
                row.Members > 0 ? Figures.Plural(row.Members, "operator") : Figures.Shape(row.OutputShape),
                row.Members > 0 ? string.Empty : Figures.Count(row.Macs),
                row.Members > 0 ? string.Empty : Figures.Count(row.WeightBytes),
                isMember ? "| " : Figures.Count(row.LiveBytes) + (row.Index == report.PeakOperator ? "*" : " "),
                row.HeldRows > 0 ? $"{row.HeldRows} of {Figures.Plural(row.OutputShape[1], "row")} at a time" : Printable.TensorName(info.OutputName));
        }

        table.WriteTo(console);
        WriteTotals(console, plan);
        MemoryText.Write(console, plan);
    }

    public static CompileShape ToShape(string model, string target, CompiledPlan plan, string? file)
    {
        PlanReport report = plan.Report;
        return new CompileShape(
            model, target, report.Macs, report.WeightBytes, report.ConstantBytes, report.ModelConstantBytes, report.PlanBytes,
            report.StateBytes, report.ArenaBytes, report.ScratchBytes, report.LivenessBound, report.PeakOperator, report.InPlaceOperators,
            report.OverlappingOperators, report.Memory,
            [.. report.Rows.Zip(plan.Operators).Select(pair => ToShape(pair.First, pair.Second))],
            [.. plan.Inputs.Select(ToShape)],
            [.. plan.Outputs.Select(ToShape)],
            file);
    }

    private static void WriteTotals(ToolConsole console, CompiledPlan plan)
    {
        PlanReport report = plan.Report;
        console.Line();
        console.Line($" {"operators",-15} {plan.Operators.Count(op => op.Kind != PlanKind.Chain)}");
        console.Line($" {"MACs",-15} {Figures.Count(report.Macs)}");
        console.Line($" {"weights",-15} {Figures.Bytes(report.WeightBytes)}; all constants {Figures.Bytes(report.ConstantBytes)}");
        console.Line($" {"plan",-15} {Figures.Bytes(report.PlanBytes)}{Ratio(report)}");
        console.Line($" {"state",-15} {Figures.Bytes(report.StateBytes)}");
    }

    private static string Ratio(PlanReport report) => report.ModelConstantBytes == 0 ? string.Empty
        : $", {Figures.Ratio(report.SizeRatio)} × the model's constants ({Figures.Bytes(report.ModelConstantBytes)})";

    private static OperatorShape ToShape(PlanReportRow row, PlanOperatorInfo info) =>
        new(row.Index, row.SourceOperator, info.SourceName, info.OutputName, row.OutputShape, row.Macs, row.WeightBytes, row.LiveBytes, row.Members, row.HeldRows);

    private static TensorShape ToShape(PlanIoInfo io) => new(io.Name, io.Type.ToString(), io.Shape, io.Scale, io.ZeroPoint, io.Bytes);
}
