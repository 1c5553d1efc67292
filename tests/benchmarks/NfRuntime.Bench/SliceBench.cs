using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using NfRuntime.Model.Execution;
using NfRuntime.Model.Golden;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan;

namespace NfRuntime.Bench;

/// <summary>
/// Whether slices keep to their budget: generated plans on the emulated core, each slice counted. A plan whose smallest
/// unit is beyond the budget has to be refused with BUDGET; run nevertheless, it has a slice of at least half the budget.
/// </summary>
internal sealed class SliceBench(string root, Core core)
{
    private const double Tolerance = 1.25;
    private const int BudgetError = -8; // NFR_ERR_BUDGET
    private const int Batch = 100;
    private const int ManyPlans = 1000; // among so many some are refused

    private readonly Emulation _emulation = new(root, core);

    /// <summary>Runs plans and prints what exceeds its budget; returns whether nothing did.</summary>
    public bool Print(TextWriter writer, int plans, uint budget)
    {
        List<(string What, string Kind, double Ratio)> slices = [];
        List<string> failed = [];
        List<Graph> refused = [];
        for (int first = 0; first < plans; first += Batch)
        {
            Run([.. Enumerable.Range(first, Math.Min(Batch, plans - first))], budget, slices, refused, failed);
        }

        writer.WriteLine($"{plans} plans, {_emulation.Kernels} kernels, budget {budget}: longest slice of a plan / budget, a kind a row");
        writer.WriteLine($"{"KIND",-24}{"PLANS",7}{"LONGEST",9}  WITH");
        foreach (IGrouping<string, (string What, string Kind, double Ratio)> kind in slices.GroupBy(s => s.Kind).OrderByDescending(g => g.Max(s => s.Ratio)))
        {
            (string what, _, double ratio) = kind.MaxBy(s => s.Ratio);
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind.Key,-24}{kind.Count(),7}{ratio,9:F3}  {what}"));
        }

        double least = ShortestOf(refused, budget);
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"refused with BUDGET: {refused.Count}{(refused.Count == 0 ? string.Empty : $", such as {Describe(refused[0])}; run without a limit, their longest slices are at least {least:F3} of the budget")}"));
        if (least < 0.5 || (refused.Count == 0 && plans >= ManyPlans))
        {
            failed.Add(refused.Count == 0 ? "no plan was refused" : "a plan was refused that could have run");
        }

        failed.AddRange(slices.Where(s => s.Ratio > Tolerance).Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Ratio:F3} of its budget: {s.What}")));
        failed.ForEach(f => writer.WriteLine("FAILED  " + f));
        writer.WriteLine($"{slices.Count + refused.Count - failed.Count} passed, {failed.Count} failed");
        return failed.Count == 0;
    }

    // The shortest among the longest slices of plans that were refused; infinite when there is none.
    private double ShortestOf(List<Graph> refused, uint budget) => refused.Count == 0
        ? double.PositiveInfinity
        : _emulation.RunAll([.. refused.Select(g => Job(g, budget) with { MaxSlice = 0 })]).Counts.Runs.Min(r => (double)r.LongestStep / budget);

    private void Run(int[] indices, uint budget, List<(string What, string Kind, double Ratio)> slices, List<Graph> refused, List<string> failed)
    {
        List<(Graph Graph, RunJob Job)> jobs = [.. indices.Select(SliceGraphs.Create).Select(g => (g, Job(g, budget)))];
        (IReadOnlyList<RunResult> results, EmulationCounts counts) = _emulation.RunAll([.. jobs.Select(j => j.Job)]);
        int run = 0;
        for (int i = 0; i < jobs.Count; i++)
        {
            string what = Describe(jobs[i].Graph);
            if (results[i].LoadError == BudgetError)
            {
                refused.Add(jobs[i].Graph);
            }
            else if (results[i].LoadError != 0 || results[i].Cases[0].Error != 0)
            {
                failed.Add($"error {results[i].LoadError} at load: {what}");
            }
            else
            {
                string kind = jobs[i].Graph.Nodes.Count > 1 ? "several" : jobs[i].Graph.Nodes[0].Kind.ToString();
                slices.Add((what, kind, (double)counts.Runs[run++].LongestStep / budget));
            }
        }

        if (run != counts.Runs.Count)
        {
            throw new ToolException($"the plugin counted {counts.Runs.Count} inferences, {run} ran");
        }
    }

    private RunJob Job(Graph graph, uint budget)
    {
        CompiledPlan plan = ModelCompiler.Compile(graph, new CompileOptions { Target = TargetDescription.ByName(core.Target) });
        byte[] input = [.. LcgInput.ForGraph(graph, 1).SelectMany(b => b)];
        return new(plan.Blob, [new RunCase(input, ResetState: true)]) { Budget = budget, MaxSlice = budget, OutputBytes = false };
    }

    // "slice 7: Conv2D Int8 [1,9,9,64] x [32,3,3,64] -> [1,4,4,32] stride 2x2"
    private static string Describe(Graph graph) => $"{graph.Name}: " + string.Join("; ", graph.Nodes.Select(node =>
    {
        IEnumerable<string> shapes = node.Inputs.Where(i => i >= 0).Take(2).Select(i => Shape(graph.Tensors[i]));
        return $"{node.Kind} {graph.Tensors[node.Inputs[0]].Type} {string.Join(" x ", shapes)} -> {Shape(graph.Tensors[node.Outputs[0]])}{Window(node.Attributes)}";
    }));

    private static string Window(OperatorAttributes attributes) => attributes switch
    {
        Conv2DAttributes a => $" stride {a.StrideH}x{a.StrideW} pad {a.PadTop},{a.PadLeft}",
        DepthwiseConv2DAttributes a => $" stride {a.StrideH}x{a.StrideW} pad {a.PadTop},{a.PadLeft}",
        Pool2DAttributes a => $" filter {a.FilterH}x{a.FilterW} stride {a.StrideH}x{a.StrideW}",
        _ => string.Empty,
    };

    private static string Shape(Tensor tensor) => $"[{string.Join(',', tensor.Shape)}]";
}
