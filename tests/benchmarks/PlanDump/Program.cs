using System;
using System.Diagnostics;
using System.IO;
using NfRuntime.Model.Import;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Passes;
using NfRuntime.Model.Plan;

if (args.Length is < 2 or > 3 || (args.Length == 3 && args[2] != "--keep-all"))
{
    Console.Error.WriteLine("usage: PlanDump MODEL.tflite OUT.plan [--keep-all]");
    return 2;
}

try
{
    Graph graph = TfliteImporter.Import(File.ReadAllBytes(args[0]), Path.GetFileNameWithoutExtension(args[0]));
    long start = Stopwatch.GetTimestamp();
    CompiledPlan plan = ModelCompiler.Compile(graph, new CompileOptions { KeepAllTensors = args.Length == 3 });
    double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    File.WriteAllBytes(args[1], plan.Blob.ToArray());
    PlanReport report = plan.Report;
    foreach (PlanReportRow row in report.Rows)
    {
        Console.WriteLine($"{row.Index,4} {row.SourceOperator,4} {row.Kind,-16} {string.Join('x', row.OutputShape),-18} {row.Macs,10} MAC {row.WeightBytes,8} B weights {row.LiveBytes,8} B live");
    }

    Console.WriteLine($"{graph.Name}: {report.Rows.Count} operators, {report.Macs} MAC, plan {report.PlanBytes} B ({report.SizeRatio:F3} of {report.ModelConstantBytes} B), overhead {report.OverheadBytes} B");
    Console.WriteLine($"arena {report.ArenaBytes} B (bound {report.LivenessBound} B at operator {report.PeakOperator}), state {report.StateBytes} B, scratch {report.ScratchBytes} B, {report.InPlaceOperators} in place, {milliseconds:F1} ms");
    return 0;
}
catch (Exception e) when (e is CompileException or ModelImportException or GraphVerificationException or IOException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
