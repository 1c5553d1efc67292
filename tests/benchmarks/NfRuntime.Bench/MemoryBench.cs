using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using NfRuntime.Model.Import;
using NfRuntime.Model.Plan;

namespace NfRuntime.Bench;

/// <summary>RAM and size of plans: arena and state against the peer's activations and scratch, plan against the model's constants.</summary>
internal static class MemoryBench
{
    // The peer's head on the Cortex-M4, activations and scratch without its persistent structures: ../shared/facts/peers-tinyml.md.
    private static readonly Dictionary<string, long> _peerHead = new()
    {
        ["kws_ref_model"] = 16_000,
        ["vww_96_int8"] = 73_728,
        ["person_detect"] = 55_296,
        ["resnet8_ic_int8"] = 49_728,
        ["ad01_int8"] = 768,
        ["mcunet_vww"] = 161_472,
    };

    /// <summary>Prints a row a model; returns how many are above their bar.</summary>
    public static int Print(TextWriter writer, IEnumerable<string> files)
    {
        int above = 0;
        writer.WriteLine($"{"MODEL",-24}{"ARENA",10}{"STATE",8}{"BOUND",10}{"PEER'S HEAD",13}{"PLAN",10}{"CONSTANTS",11}{"1.15 x + 1 KB",15}");
        foreach (string file in files)
        {
            string name = Path.GetFileNameWithoutExtension(file);
            PlanReport report = ModelCompiler.Compile(TfliteImporter.Import(File.ReadAllBytes(file), name), new CompileOptions { Target = TargetDescription.ByName("cortex-m4") }).Report;
            bool hasHead = _peerHead.TryGetValue(name, out long head);
            double limit = (1.15 * report.ModelConstantBytes) + 1024;
            bool inside = (!hasHead || report.ArenaBytes + report.StateBytes <= head) && report.PlanBytes <= limit;
            above += inside ? 0 : 1;
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-24}{report.ArenaBytes,10:N0}{report.StateBytes,8:N0}{report.LivenessBound,10:N0}{(hasHead ? head.ToString("N0", CultureInfo.InvariantCulture) : "-"),13}{report.PlanBytes,10:N0}{report.ModelConstantBytes,11:N0}{Math.Floor(limit),15:N0}{(inside ? string.Empty : "  ABOVE")}"));
        }

        return above;
    }
}
