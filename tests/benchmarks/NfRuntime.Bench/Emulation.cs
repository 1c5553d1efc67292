using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using NfRuntime.Model.Execution;
using NfRuntime.Model.Plan;

namespace NfRuntime.Bench;

/// <summary>What the plugin counted in one inference.</summary>
/// <param name="Instructions">Between the runner's marks.</param>
/// <param name="Accesses">Data accesses.</param>
/// <param name="Read">Bytes loaded from the plan.</param>
/// <param name="Steps">Slices.</param>
/// <param name="LongestStep">Most instructions from the start of a slice to the start of the next.</param>
internal sealed record RunCounts(long Instructions, long Accesses, long Read, long Steps, long LongestStep);

/// <summary>What the plugin counted between two calls of the trace hook.</summary>
/// <param name="Run">Which inference.</param>
/// <param name="Instructions">Of the kernel.</param>
/// <param name="Accesses">Its data accesses.</param>
/// <param name="Operator">Position in execution order.</param>
internal sealed record TraceCounts(int Run, long Instructions, long Accesses, int Operator);

/// <summary>All counts of one emulation.</summary>
/// <param name="Loads">Instructions of each nfr_engine_load.</param>
/// <param name="Runs">One an inference.</param>
/// <param name="Traces">In order; only of a build with the trace hook.</param>
internal sealed record EmulationCounts(IReadOnlyList<long> Loads, IReadOnlyList<RunCounts> Runs, IReadOnlyList<TraceCounts> Traces);

/// <summary>The runner of one build under QEMU, with the plugin that counts.</summary>
internal sealed class Emulation
{
    private readonly string _folder;
    private readonly string _elf;
    private readonly string _plugin;
    private readonly Core _core;

    /// <summary>Builds the runner for the core, and the plugin.</summary>
    /// <param name="root">The checkout.</param>
    /// <param name="core">Which core.</param>
    /// <param name="suffix">Of the build folder's name, for a build with other options; empty for the plain one.</param>
    /// <param name="options">CMake's options besides the core's.</param>
    public Emulation(string root, Core core, string suffix = "", params string[] options)
    {
        _core = core;
        _folder = Path.Combine(root, "artifacts", "firmware", core.BuildFolder + suffix);
        _elf = Path.Combine(_folder, "nfr-runner.elf");
        _plugin = Path.Combine(root, "artifacts", "firmware", "icount.so");
        Tools.Run(root, "cmake", ["-S", "firmware", "-B", _folder, .. core.CMakeArguments, .. options]);
        Tools.Run(root, "cmake", ["--build", _folder, "-j2"]);
        Tools.Run(root, "gcc", ["-O2", "-Wall", "-shared", "-fPIC", "-o", _plugin, Path.Combine("tests", "benchmarks", "icount", "icount.c")]);
    }

    /// <summary>Path of the program.</summary>
    public string Elf => _elf;

    /// <summary>The backend that was built: a folder of firmware/engine/kernels.</summary>
    public string Kernels => File.ReadLines(Path.Combine(_folder, "CMakeCache.txt"))
        .Where(l => l.StartsWith("NFR_KERNELS:", StringComparison.Ordinal)).Select(l => l[(l.IndexOf('=', StringComparison.Ordinal) + 1)..]).First();

    /// <summary>Runs a job.</summary>
    public (RunResult Result, EmulationCounts Counts) Run(RunJob job)
    {
        (IReadOnlyList<RunResult> results, EmulationCounts counts) = RunAll([job]);
        return (results[0], counts);
    }

    /// <summary>Runs jobs in one emulation; reads of a plan are right when there is one job.</summary>
    public (IReadOnlyList<RunResult> Results, EmulationCounts Counts) RunAll(IReadOnlyList<RunJob> jobs)
    {
        string counts = Path.Combine(_folder, "counts.txt");
        var runner = new QemuRunner(_elf, _core.QemuArguments) { ExtraArguments = ["-plugin", PluginArgument(counts, jobs.Max(j => j.Plan.Length))] };
        IReadOnlyList<RunResult> results = runner.RunAll(jobs);
        return (results, Parse(File.ReadLines(counts)));
    }

    /// <summary>The plugin as QEMU's -plugin wants it.</summary>
    /// <param name="counts">File that it writes.</param>
    /// <param name="planBytes">Reads of this many bytes of the plan's buffer are counted.</param>
    public string PluginArgument(string counts, int planBytes)
    {
        Dictionary<string, ulong> symbols = Tools.Symbols(_elf);
        ulong plan = symbols["plan_buffer"];
        var marks = new List<(string Name, ulong Value)>
        {
            ("begin", symbols["nfr_bench_begin"]), ("end", symbols["nfr_bench_end"]),
            ("lb", symbols["nfr_bench_load_begin"]), ("le", symbols["nfr_bench_load_end"]),
            ("step", symbols["nfr_engine_step"]), ("rlo", plan), ("rhi", plan + (ulong)planBytes),
        };
        if (symbols.TryGetValue("nfr_trace_ops", out ulong ops))
        {
            marks.AddRange([("ops", ops), ("opn", PlanFormat.MaxOperators), ("oe", symbols["nfr_trace_end"])]);
        }

        return string.Create(CultureInfo.InvariantCulture, $"file={_plugin},{string.Join(',', marks.Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Name}=0x{m.Value:x}")))},out={counts}");
    }

    /// <summary>Reads what the plugin wrote.</summary>
    public static EmulationCounts Parse(IEnumerable<string> lines)
    {
        List<long> loads = [];
        List<RunCounts> runs = [];
        List<TraceCounts> traces = [];
        foreach (string[] words in lines.Select(l => l.Split(' ')))
        {
            switch (words[0])
            {
                case "load": loads.Add(Number(words[1])); break;
                case "op": traces.Add(new((int)Number(words[1]), Number(words[2]), Number(words[3]), (int)Number(words[4]))); break;
                case "run": runs.Add(new(Number(words[3]), Number(words[5]), Number(words[7]), 0, 0)); break;
                case "steps": runs[^1] = runs[^1] with { Steps = Number(words[3]), LongestStep = Number(words[5]) }; break;
                default: break;
            }
        }

        return new(loads, runs, traces);
    }

    private static long Number(string word) => long.Parse(word, CultureInfo.InvariantCulture);
}
