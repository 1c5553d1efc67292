using System.Linq;
using NfRuntime.Cli.Output;
using NfRuntime.Model.Plan;

namespace NfRuntime.Cli.Models;

/// <summary>What compiling a model gave, as text and as JSON.</summary>
internal static class CompileText
{
    /// <summary>"arena 11,264 B (liveness bound 10,752 B)   weights 38,912 B   state 0 B".</summary>
    public static string Costs(PlanReport report) =>
        $"arena {Figures.Bytes(report.ArenaBytes)} (liveness bound {Figures.Bytes(report.LivenessBound)})"
        + $"   weights {Figures.Bytes(report.WeightBytes)}   state {Figures.Bytes(report.StateBytes)}";

    /// <summary>"13 operators   2,656,768 MACs".</summary>
    public static string Work(PlanReport report) =>
        $"{Figures.Plural(report.Rows.Count, "operator"),-14} {Figures.Plural(report.Macs, "MAC")}";

    /// <summary>The operators one a line, then the totals.</summary>
    public static void WriteReport(ToolConsole console, CompiledPlan plan)
    {
        PlanReport report = plan.Report;
        var table = new TextTable(">#", ">SOURCE", "OPERATOR", "OUTPUT", ">MACS", ">WEIGHTS", ">ARENA", "TENSOR");
        foreach ((PlanReportRow row, PlanOperatorInfo info) in report.Rows.Zip(plan.Operators))
        {
            table.Add(
                $"{row.Index}",
                $"{row.SourceOperator}",
                info.SourceName,
                Figures.Shape(row.OutputShape),
                Figures.Count(row.Macs),
                Figures.Count(row.WeightBytes),
                Figures.Count(row.LiveBytes) + (row.Index == report.PeakOperator ? "*" : " "),
                Printable.TensorName(info.OutputName));
        }

        table.WriteTo(console);
        WriteTotals(console, plan);
    }

    public static CompileShape ToShape(string model, string target, CompiledPlan plan, string? file)
    {
        PlanReport report = plan.Report;
        return new CompileShape(
            model, target, report.Macs, report.WeightBytes, report.ConstantBytes, report.ModelConstantBytes, report.PlanBytes,
            report.StateBytes, report.ArenaBytes, report.ScratchBytes, report.LivenessBound, report.PeakOperator, report.InPlaceOperators,
            report.OverlappingOperators,
            [.. report.Rows.Zip(plan.Operators).Select(pair => ToShape(pair.First, pair.Second))],
            [.. plan.Inputs.Select(ToShape)],
            [.. plan.Outputs.Select(ToShape)],
            file);
    }

    private static void WriteTotals(ToolConsole console, CompiledPlan plan)
    {
        PlanReport report = plan.Report;
        PlanOperatorInfo peak = plan.Operators[report.PeakOperator];
        console.Line();
        console.Line($" {"operators",-15} {report.Rows.Count}, {report.InPlaceOperators} in place, {report.OverlappingOperators} over a part of their input");
        console.Line($" {"MACs",-15} {Figures.Count(report.Macs)}");
        console.Line($" {"weights",-15} {Figures.Bytes(report.WeightBytes)}; all constants {Figures.Bytes(report.ConstantBytes)}");
        console.Line($" {"plan",-15} {Figures.Bytes(report.PlanBytes)}{Ratio(report)}");
        console.Line($" {"state",-15} {Figures.Bytes(report.StateBytes)}");
        console.Line($" {"arena",-15} {Figures.Bytes(report.ArenaBytes)}, of it scratch at most {Figures.Bytes(report.ScratchBytes)}");
        console.Line($" {"peak (*)",-15} operator {peak.Index} ({peak.SourceName}{Tensor(peak)})");
        console.Line($" {"liveness bound",-15} {Figures.Bytes(report.LivenessBound)}");
    }

    private static string Ratio(PlanReport report) => report.ModelConstantBytes == 0 ? string.Empty
        : $", {Figures.Ratio(report.SizeRatio)} × the model's constants ({Figures.Bytes(report.ModelConstantBytes)})";

    private static string Tensor(PlanOperatorInfo info) => info.OutputName.Length == 0 ? string.Empty : $", tensor \"{Printable.TensorName(info.OutputName)}\"";

    private static OperatorShape ToShape(PlanReportRow row, PlanOperatorInfo info) =>
        new(row.Index, row.SourceOperator, info.SourceName, info.OutputName, row.OutputShape, row.Macs, row.WeightBytes, row.LiveBytes);

    private static TensorShape ToShape(PlanIoInfo io) => new(io.Name, io.Type.ToString(), io.Shape, io.Scale, io.ZeroPoint, io.Bytes);
}
