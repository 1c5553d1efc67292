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
    private const int ManySlices = 4;
    private const int HugeRow = 1000;
    private const string PlainTarget = "host";
    private const double LeastRefused = 0.5;
    private const int ManyPlans = 1000; // among so many some are refused

    // Of a plan: how many slices; the longest and the mean, in budgets.
    private sealed record Slices(string What, string Kind, long Count, double Longest, double Mean);

    private readonly Emulation _emulation = new(root, core);

    /// <summary>Runs plans and prints what exceeds its budget; returns whether nothing did.</summary>
    public bool Print(TextWriter writer, int plans, uint budget)
    {
        List<Slices> slices = [];
        List<string> failed = [];
        List<int> refused = [];
        for (int first = 0; first < plans; first += Batch)
        {
            Run([.. Enumerable.Range(first, Math.Min(Batch, plans - first))], budget, slices, refused, failed);
        }

        writer.WriteLine($"{plans} plans, {_emulation.Kernels} kernels, budget {budget}: longest slice of a plan / budget, a kind a row; emptiest: mean of a plan's slices / budget, least of plans with at least {ManySlices}");
        writer.WriteLine($"{"KIND",-24}{"PLANS",7}{"EMPTIEST",10}{"LONGEST",9}  WITH");
        foreach (IGrouping<string, Slices> kind in slices.GroupBy(s => s.Kind).OrderByDescending(g => g.Max(s => s.Longest)))
        {
            Slices longest = kind.MaxBy(s => s.Longest)!;
            double emptiest = kind.Where(s => s.Count >= ManySlices).Select(s => s.Mean).DefaultIfEmpty(double.NaN).Min();
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind.Key,-24}{kind.Count(),7}{(double.IsNaN(emptiest) ? "-" : emptiest.ToString("F3", CultureInfo.InvariantCulture)),10}{longest.Longest,9:F3}  {longest.What}"));
        }

        CheckHuge(writer, failed);
        List<(string What, double Ratio)> unlimited = Unlimited(refused, budget);
        string such = refused.Count == 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"; run without a limit, their longest slices are at least {unlimited.Min(r => r.Ratio):F3} of the budget");
        writer.WriteLine($"refused with BUDGET: {refused.Count}{such}");
        failed.AddRange(unlimited.Where(r => r.Ratio < LeastRefused).Select(r => string.Create(CultureInfo.InvariantCulture, $"refused, and its longest slice is {r.Ratio:F3} of the budget: {r.What}")));
        if (refused.Count == 0 && plans >= ManyPlans)
        {
            failed.Add("no plan was refused");
        }

        failed.AddRange(slices.Where(s => s.Longest > Tolerance).Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Longest:F3} of its budget: {s.What}")));
        failed.ForEach(f => writer.WriteLine("FAILED  " + f));
        writer.WriteLine($"{slices.Count + refused.Count - failed.Count} passed, {failed.Count} failed");
        return failed.Count == 0;
    }

    // A row of softmax is a unit, which no estimate can bring below its elements: refused, and as BUDGET.
    private void CheckHuge(TextWriter writer, List<string> failed)
    {
        (Graph, CompiledPlan) huge = (SliceGraphs.Row(HugeRow), Compile(SliceGraphs.Row(HugeRow), plain: false));
        int error = _emulation.Run(Job(huge, HugeRow)).Result.LoadError;
        writer.WriteLine($"a unit of {HugeRow} elements where a slice is {HugeRow} instructions: {(error == BudgetError ? "refused with BUDGET" : $"load answers {error}")}");
        if (error != BudgetError)
        {
            failed.Add("a unit that no slice holds was not refused with BUDGET");
        }
    }

    // What was refused, run without a limit.
    private List<(string What, double Ratio)> Unlimited(List<int> refused, uint budget)
    {
        if (refused.Count == 0)
        {
            return [];
        }

        List<(Graph Graph, CompiledPlan Plan)> models = [.. refused.Select(Model)];
        IReadOnlyList<RunCounts> runs = _emulation.RunAll([.. models.Select(m => Job(m, budget) with { MaxSlice = 0 })]).Counts.Runs;
        return [.. models.Select((m, i) => (Describe(m.Graph), (double)runs[i].LongestStep / budget))];
    }

    private void Run(int[] indices, uint budget, List<Slices> slices, List<int> refused, List<string> failed)
    {
        List<(Graph Graph, CompiledPlan Plan)> models = [.. indices.Select(Model)];
        (IReadOnlyList<RunResult> results, EmulationCounts counts) = _emulation.RunAll([.. models.Select(m => Job(m, budget))]);
        int run = 0;
        for (int i = 0; i < models.Count; i++)
        {
            string what = Describe(models[i].Graph);
            if (results[i].LoadError == BudgetError)
            {
                refused.Add(indices[i]);
            }
            else if (results[i].LoadError != 0 || results[i].Cases[0].Error != 0)
            {
                failed.Add($"error {results[i].LoadError} at load: {what}");
            }
            else
            {
                IReadOnlyList<PlanOperatorInfo> operators = models[i].Plan.Operators;
                string kind = operators.Count > 1 ? "several" : operators[0].Kind.ToString();
                kind += SliceGraphs.IsPlain(indices[i]) ? ", plain" : string.Empty;
                RunCounts r = counts.Runs[run++];
                slices.Add(new(what, kind, r.Steps, (double)r.LongestStep / budget, (double)r.Instructions / r.Steps / budget));
            }
        }

        if (run != counts.Runs.Count)
        {
            throw new ToolException($"the plugin counted {counts.Runs.Count} inferences, {run} ran");
        }
    }

    // Plain: layouts as in the .tflite, and every operator of the source in a record of its own.
    private (Graph Graph, CompiledPlan Plan) Model(int index)
    {
        Graph graph = SliceGraphs.Create(index);
        return (graph, Compile(graph, SliceGraphs.IsPlain(index)));
    }

    private CompiledPlan Compile(Graph graph, bool plain) =>
        ModelCompiler.Compile(graph, new CompileOptions { Target = TargetDescription.ByName(plain ? PlainTarget : core.Target), KeepAllTensors = plain });

    private static RunJob Job((Graph Graph, CompiledPlan Plan) model, uint budget)
    {
        byte[] input = [.. LcgInput.ForGraph(model.Graph, 1).SelectMany(b => b)];
        return new(model.Plan.Blob, [new RunCase(input, ResetState: true)]) { Budget = budget, MaxSlice = budget, OutputBytes = false };
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
