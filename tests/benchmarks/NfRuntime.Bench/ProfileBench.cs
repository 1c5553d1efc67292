using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using NfRuntime.Model.Plan;

namespace NfRuntime.Bench;

/// <summary>Where the instructions of an inference go, an operator a row, beside the peer's; a build of its own with the trace hook.</summary>
internal sealed class ProfileBench(string root, Core core, string models)
{
    private const int BarWidth = 40;

    private readonly Emulation _emulation = new(root, core, "-trace", "-DNFR_TRACE=ON");

    /// <summary>Prints the table of one model.</summary>
    public void Print(TextWriter writer, string file)
    {
        var model = new BenchModel(file, core);
        (_, EmulationCounts counts) = model.Run(_emulation, uint.MaxValue);
        IReadOnlyList<PlanOperatorInfo> operators = model.Plan.Operators;
        ILookup<int, TraceCounts> byOperator = counts.Traces.Where(t => t.Run == counts.Runs.Count - 1).ToLookup(t => t.Operator);
        List<TraceCounts> traces = [.. operators.Select((_, i) => byOperator[i].Aggregate(new TraceCounts(0, 0, 0, i), Sum))];
        if (operators.Zip(traces).FirstOrDefault(o => o.First.Kind != PlanKind.Chain && o.Second.Instructions == 0) is { First: { } never })
        {
            throw new ToolException($"{model.Name}: the hook was never called for operator {never.Index}");
        }

        long all = counts.Runs[^1].Instructions, kernels = traces.Sum(t => t.Instructions);
        Dictionary<int, (string Name, long Instructions)> peer = PeerOperators(model.Name);
        writer.WriteLine($"{model.Name}: {_emulation.Kernels} kernels, unsliced; the peer is its -Ofast build; # is the index in the .tflite");
        writer.WriteLine($"{"#",4}  {"OPERATOR",-30}{"OUTPUT",-14}{"MACS",11}{"INSTR.",12}{"/MAC",7}{"ACCESSES",11}{"PEER",12}{"OURS/PEER",11}{"SHARE",8}");
        for (int i = 0; i < operators.Count; i++)
        {
            PlanReportRow row = model.Plan.Report.Rows[i];
            long instructions = traces[i].Instructions;
            (string Name, long Instructions) theirs = peer.GetValueOrDefault(operators[i].SourceOperator);
            peer.Remove(operators[i].SourceOperator);
            string perMac = row.Macs == 0 ? "-" : Fixed((double)instructions / row.Macs);
            string ratio = theirs.Instructions == 0 ? "-" : Fixed((double)instructions / theirs.Instructions);
            string bar = new('#', (int)Math.Round((double)BarWidth * instructions / all));
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{row.SourceOperator,4}  {operators[i].SourceName,-30}{string.Join('x', row.OutputShape),-14}{row.Macs,11:N0}{instructions,12:N0}{perMac,7}{traces[i].Accesses,11:N0}{theirs.Instructions,12:N0}{ratio,11}{(double)instructions / all,8:P1}  {bar}"));
        }

        foreach ((int index, (string name, long instructions)) in peer.OrderBy(p => p.Key))
        {
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{index,4}  {name,-30}{"(no record: fused, or only another shape)",-62}{instructions,12:N0}"));
        }

        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"",4}  {"around the kernels",-55}{all - kernels,12:N0}{"",37}{(double)(all - kernels) / all,12:P1}"));
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"",4}  {"all",-44}{model.Plan.Report.Macs,11:N0}{all,12:N0}"));
        writer.WriteLine();
    }

    // A chain's members are run once a stripe.
    private static TraceCounts Sum(TraceCounts all, TraceCounts one) =>
        all with { Instructions = all.Instructions + one.Instructions, Accesses = all.Accesses + one.Accesses };

    private static string Fixed(double value) => value.ToString("F2", CultureInfo.InvariantCulture);

    // ../shared/models/peer_per_op_m4.json: operators in the .tflite's order.
    private Dictionary<int, (string Name, long Instructions)> PeerOperators(string model)
    {
        string file = Path.Combine(models, $"peer_per_op_{core.PeerKey}.json");
        if (!File.Exists(file))
        {
            return [];
        }

        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
        return document.RootElement.GetProperty("models").TryGetProperty(model, out JsonElement entry)
            ? entry.GetProperty("ops").EnumerateArray()
                .Select((op, index) => (index, Name: op.GetProperty("op").GetString()!, Instructions: op.GetProperty("instr").GetInt64()))
                .ToDictionary(o => o.index, o => (o.Name, o.Instructions))
            : [];
    }
}
