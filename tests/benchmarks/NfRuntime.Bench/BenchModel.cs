using System;
using System.IO;
using System.Linq;
using NfRuntime.Model.Execution;
using NfRuntime.Model.Golden;
using NfRuntime.Model.Import;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan;
using NfRuntime.Model.Reference;

namespace NfRuntime.Bench;

/// <summary>A model compiled for a core, and the inputs with which the peer was measured: two inferences, of seeds 1 and 2.</summary>
internal sealed class BenchModel
{
    private static readonly uint[] _seeds = [1, 2];

    private readonly Graph _graph;
    private readonly byte[][][] _inputs;

    public BenchModel(string file, Core core)
    {
        Name = Path.GetFileNameWithoutExtension(file);
        _graph = TfliteImporter.Import(File.ReadAllBytes(file), Name);
        Plan = ModelCompiler.Compile(_graph, new CompileOptions { Target = TargetDescription.ByName(core.Target) });
        _inputs = [.. _seeds.Select(seed => LcgInput.ForGraph(_graph, seed).ToArray())];
    }

    /// <summary>File name without extension.</summary>
    public string Name { get; }

    /// <summary>For the core.</summary>
    public CompiledPlan Plan { get; }

    /// <summary>Both inferences, each from a reset state; the second is the one that counts.</summary>
    /// <param name="budget">Instructions a slice; 0 = the engine's default, and units are held against a board's largest slice.</param>
    public RunJob Job(uint budget = 0) =>
        new(Plan.Blob, [.. _inputs.Select(i => new RunCase(i.SelectMany(b => b).ToArray(), ResetState: true))]) { Budget = budget, MaxSlice = budget == uint.MaxValue ? 0u : (uint)EngineBars.SliceBar, MeasureStack = true };

    /// <summary>Runs the job.</summary>
    /// <exception cref="ToolException">The engine refused the plan, or the plugin saw no inference.</exception>
    public (RunResult Result, EmulationCounts Counts) Run(Emulation emulation, uint budget = 0)
    {
        (RunResult result, EmulationCounts counts) = emulation.Run(Job(budget));
        if (result.LoadError != 0)
        {
            throw new ToolException($"{Name}: the engine refused the plan with error {result.LoadError}");
        }

        return counts.Runs.Count == _seeds.Length && counts.Loads.Count == 1 ? (result, counts) : throw new ToolException($"{Name}: the plugin counted {counts.Runs.Count} inferences and {counts.Loads.Count} loads");
    }

    /// <summary>How many inferences differ from the reference evaluator's.</summary>
    public int Mismatches(RunResult result)
    {
        var evaluator = new ReferenceEvaluator(_graph);
        int mismatches = 0;
        for (int i = 0; i < _inputs.Length; i++)
        {
            evaluator.Reset();
            byte[] expected = [.. evaluator.Invoke([.. _inputs[i].Select(b => (ReadOnlyMemory<byte>)b)]).SelectMany(o => o)];
            mismatches += result.Cases[i].Error != 0 || !result.Cases[i].Output.Span.SequenceEqual(expected) ? 1 : 0;
        }

        return mismatches;
    }

    /// <summary>
    /// Multipliers of per-channel requantizations, summed over the operators: nfr_plan_requant with NFR_REQUANT_PER_CHANNEL, and
    /// convolutions whose multipliers lie beside their weights (layout 1).
    /// </summary>
    public long Channels() => PlanReader.Read(Plan.Blob.Span).Operators.Sum(op => op.Kind switch
    {
        PlanKind.Conv2D when op.Layout == WeightLayout.Smlad => BitConverter.ToUInt16(op.Parameters.Span[12..]),
        PlanKind.Conv2D or PlanKind.DepthwiseConv2D => IsPerChannel(op, 56) ? BitConverter.ToUInt16(op.Parameters.Span[12..]) : 0L,
        PlanKind.FullyConnected => IsPerChannel(op, 36) ? BitConverter.ToUInt32(op.Parameters.Span[8..]) : 0L,
        _ => 0L,
    });

    private static bool IsPerChannel(PlanOperator op, int flags) => (BitConverter.ToUInt32(op.Parameters.Span[flags..]) & 1) != 0;
}
