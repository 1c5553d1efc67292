using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace NfRuntime.Bench;

/// <summary>The static bound of the stack, an operator a row, and against painting, a model a row.</summary>
internal sealed class StackBench(string root, Core core)
{
    private readonly Emulation _emulation = new(root, core);
    private int _passed;
    private int _failed;

    /// <summary>Prints both tables and counts a test a row; returns whether all passed.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="files">Models to paint for.</param>
    /// <param name="limit">Stack that a capsule asks for when it does not say, bytes; 0 = not compared.</param>
    public bool Print(TextWriter writer, IReadOnlyList<string> files, int limit)
    {
        var bound = new StackBound(new CodeImage(_emulation.Elf));
        writer.WriteLine($"Static bound from the disassembly, {_emulation.Kernels} kernels; the graph has no cycle, or there would be none. An exception inside adds {StackBound.ExceptionFrame} bytes (26 words with FP, 4 of alignment).");
        writer.WriteLine($"{"OPERATOR",-24}{"KERNEL",9}{"STEP",9}{"+ EXCEPTION",14}{"LOAD",9}");
        List<string> all = [.. Operators()];
        foreach (string op in all)
        {
            bool isChain = op == StackBound.Chain;
            int step = bound.Step(isChain ? all : [op]), load = bound.Load(isChain ? all : [op]), need = step + StackBound.ExceptionFrame;
            bool fits = limit == 0 || need <= limit;
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{op,-24}{(isChain ? 0 : bound.Operator(op)),9:N0}{step,9:N0}{need,14:N0}{load,9:N0}{(fits ? string.Empty : $"  FAILED: above the {limit:N0} bytes of a capsule that does not say")}"));
            _ = fits ? _passed++ : _failed++;
        }

        writer.WriteLine();
        writer.WriteLine($"{"MODEL",-24}{"PAINTED",9}{"BOUND",9}");
        foreach (string file in files)
        {
            var model = new BenchModel(file, core);
            long painted = model.Run(_emulation).Result.Cases.Max(c => c.StackBytes);
            int step = bound.Step(model.Plan.Operators.Select(o => EngineBench.OperatorFile(o.Kind)).Distinct());
            bool holds = painted > 0 && step >= painted;
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{model.Name,-24}{painted,9:N0}{step,9:N0}{(holds ? string.Empty : "  FAILED: the bound is below what was used")}"));
            _ = holds ? _passed++ : _failed++;
        }

        writer.WriteLine($"{_passed} passed, {_failed} failed");
        return _failed == 0 && _passed > 0;
    }

    private IEnumerable<string> Operators() =>
        Tools.Symbols(_emulation.Elf).Keys.Where(s => s.StartsWith("nfr_op_", StringComparison.Ordinal) && s != "nfr_op_type_of").Select(s => s["nfr_op_".Length..]).Order(StringComparer.Ordinal);
}
