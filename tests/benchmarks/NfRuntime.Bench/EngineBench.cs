using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using NfRuntime.Model.Execution;
using NfRuntime.Model.Golden;
using NfRuntime.Model.Import;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan;
using NfRuntime.Model.Reference;

namespace NfRuntime.Bench;

/// <summary>What one warm inference of a model costs on a core; all figures from one plan, one build, one run.</summary>
/// <param name="Model">File name without extension.</param>
/// <param name="Macs">Multiply-accumulates.</param>
/// <param name="Instructions">Between the runner's marks, with all slices.</param>
/// <param name="Accesses">Data accesses, each word of a multiple load counted.</param>
/// <param name="FlashRead">Bytes loaded from the plan.</param>
/// <param name="Arena">Every RAM byte of the capsule but the stack: activations, I/O, scratch, state, context.</param>
/// <param name="Stack">Deepest stack, bytes.</param>
/// <param name="EngineBytes">Code and constants of the engine with exactly this model's operators, bytes.</param>
/// <param name="Mismatches">Cases whose output differs from the reference evaluator's.</param>
/// <param name="Peer">The peer's figures.</param>
internal sealed record EngineRow(string Model, long Macs, long Instructions, long Accesses, long FlashRead, long Arena, long Stack, long EngineBytes, int Mismatches, PeerFigures Peer);

/// <summary>Measures the engine on an emulated core with an instruction-counting plugin.</summary>
internal sealed class EngineBench(string root, Core core, string models)
{
    // As the peer was measured: the second inference, inputs of seed 2.
    private static readonly uint[] _seeds = [1, 2];

    private readonly EngineSize _size = new(root, core);

    /// <summary>Builds the runner for the core and the plugin for QEMU.</summary>
    public void Build()
    {
        string build = BuildFolder();
        Tools.Run(root, "cmake", ["-S", "firmware", "-B", build, .. core.CMakeArguments]);
        Tools.Run(root, "cmake", ["--build", build, "-j2"]);
        Tools.Run(root, "gcc", ["-O2", "-Wall", "-shared", "-fPIC", "-o", Plugin(), Path.Combine("tests", "benchmarks", "icount", "icount.c")]);
    }

    /// <summary>Measures one .tflite.</summary>
    public EngineRow Measure(string file)
    {
        string name = Path.GetFileNameWithoutExtension(file);
        Graph graph = TfliteImporter.Import(File.ReadAllBytes(file), name);
        CompiledPlan plan = ModelCompiler.Compile(graph, new CompileOptions { Target = TargetDescription.ByName(core.Target) });
        byte[][][] inputs = [.. _seeds.Select(seed => LcgInput.ForGraph(graph, seed).ToArray())];
        var job = new RunJob(plan.Blob, [.. inputs.Select(i => new RunCase(i.SelectMany(b => b).ToArray(), ResetState: true))]) { MeasureStack = true };

        (RunResult result, long[] counts) = Run(job, plan.Blob.Length);
        if (result.LoadError != 0)
        {
            throw new ToolException($"{name}: the engine refused the plan with error {result.LoadError}");
        }

        return new(
            name,
            plan.Report.Macs,
            counts[0],
            counts[1],
            counts[2],
            result.ArenaBytes + result.StateBytes + result.ContextBytes,
            result.Cases.Max(c => c.StackBytes),
            _size.Measure(plan.Operators.Select(o => OperatorFile(o.Kind))),
            Mismatches(graph, inputs, result),
            PeerFigures.Read(models, name, core.PeerKey));
    }

    // Operators of firmware/engine/operators.cmake are named as the plan's kinds, in lower case.
    private static string OperatorFile(PlanKind kind) => kind switch
    {
        PlanKind.Conv2D => "conv_2d",
        PlanKind.DepthwiseConv2D => "depthwise_conv_2d",
        PlanKind.FullyConnected => "fully_connected",
        PlanKind.AveragePool2D => "average_pool_2d",
        PlanKind.MaxPool2D => "max_pool_2d",
        _ => kind.ToString().ToLowerInvariant(),
    };

    private static int Mismatches(Graph graph, byte[][][] inputs, RunResult result)
    {
        var evaluator = new ReferenceEvaluator(graph);
        int mismatches = 0;
        for (int i = 0; i < inputs.Length; i++)
        {
            evaluator.Reset();
            byte[] expected = [.. evaluator.Invoke([.. inputs[i].Select(b => (ReadOnlyMemory<byte>)b)]).SelectMany(o => o)];
            mismatches += result.Cases[i].Error != 0 || !result.Cases[i].Output.Span.SequenceEqual(expected) ? 1 : 0;
        }

        return mismatches;
    }

    private (RunResult Result, long[] Counts) Run(RunJob job, int planBytes)
    {
        string elf = Path.Combine(BuildFolder(), "nfr-runner.elf");
        Dictionary<string, ulong> symbols = Tools.Symbols(elf);
        string counts = Path.Combine(BuildFolder(), "counts.txt");
        ulong plan = symbols["plan_buffer"];
        string plugin = string.Create(CultureInfo.InvariantCulture, $"file={Plugin()},begin=0x{symbols["nfr_bench_begin"]:x},end=0x{symbols["nfr_bench_end"]:x},rlo=0x{plan:x},rhi=0x{plan + (ulong)planBytes:x},out={counts}");
        var runner = new QemuRunner(elf, core.QemuArguments) { ExtraArguments = ["-plugin", plugin] };
        RunResult result = runner.Run(job);
        string? last = File.ReadLines(counts).LastOrDefault(l => l.StartsWith("run ", StringComparison.Ordinal));
        string[] words = last?.Split(' ') ?? throw new ToolException("the plugin counted no inference");
        return (result, [Number(words, "insns"), Number(words, "accesses"), Number(words, "read")]);
    }

    private static long Number(string[] words, string name) => long.Parse(words[Array.IndexOf(words, name) + 1], CultureInfo.InvariantCulture);

    private string BuildFolder() => Path.Combine(root, "artifacts", "firmware", core.BuildFolder);

    private string Plugin() => Path.Combine(root, "artifacts", "firmware", "icount.so");
}
