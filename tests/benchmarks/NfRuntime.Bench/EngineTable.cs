using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace NfRuntime.Bench;

/// <summary>Prints rows for people (with the peer's figures, the ratio and a mark where a bar is passed) or for scripts.</summary>
internal static class EngineTable
{
    private const string Mark = "*";
    private const long LargeMacs = 100_000;
    private const double LargeBar = 0.80;
    private const double ReadBar = 1.0;
    private const long ContextBar = 256;
    private const double SlicingBar = 0.01;
    private const long SliceBar = 250_000; // 1.25 x NFR_ENGINE_DEFAULT_BUDGET

    // The models over which the project's bars are means.
    private static readonly string[] _mean = ["kws_ref_model", "vww_96_int8", "resnet8_ic_int8", "ad01_int8"];

    public static string Json(EngineRow row) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"model":"{{row.Model}}","instructions":{{row.Instructions}},"arena":{{row.Arena}},"stack":{{row.Stack}},"engine_bytes":{{row.EngineBytes}},"accesses":{{row.Accesses}},"flash_read":{{row.FlashRead}},"mismatches":{{row.Mismatches}},"macs":{{row.Macs}},"state":{{row.StateBytes}},"context":{{row.ContextBytes}},"operators":{{row.Operators}},"channels":{{row.Channels}},"load_instructions":{{row.LoadInstructions}},"load_bar":{{row.LoadBar}},"plan_bytes":{{row.PlanBytes}},"plan_bar":{{row.PlanBar}},"slices":{{row.Slices}},"longest_slice":{{row.LongestSlice}},"unsliced_instructions":{{row.UnslicedInstructions}},"peer_instructions":{{row.Peer.Instructions}},"peer_accesses":{{row.Peer.Accesses}},"peer_flash_read":{{row.Peer.FlashRead}},"peer_arena":{{row.Peer.Arena}},"peer_engine_bytes":{{row.Peer.EngineBytes}}}""");

    public static void Print(TextWriter writer, IReadOnlyList<EngineRow> rows, string core, string kernels, long cryptoBytes)
    {
        writer.WriteLine($"One warm inference on {core} under QEMU, {kernels} kernels; below each model the peer (TFLM + CMSIS-NN, its better build) and ours / peer. {Mark} is above its bar.");
        writer.WriteLine();
        writer.WriteLine($"{"MODEL",-24}{"MACS",12}{"INSTRUCTIONS",15}{"ACCESSES",13}{"SUM",14}{"MODEL READ",13}{"ARENA",10}{"STACK",8}{"ENGINE",9}  BIT-EXACT");
        foreach (EngineRow row in rows)
        {
            PrintRow(writer, row);
        }

        PrintRest(writer, rows);
        PrintMeans(writer, rows);
        writer.WriteLine();
        writer.WriteLine($"Crypto beside ENGINE: {(cryptoBytes == 0 ? "not measured (mbedTLS's headers are missing)" : Cell(cryptoBytes) + " bytes of port")}; mbedTLS itself is the device firmware's.");
    }

    private static void PrintRow(TextWriter writer, EngineRow row)
    {
        PeerFigures peer = row.Peer;
        long sum = row.Instructions + row.Accesses, peerSum = peer.Accesses == 0 ? 0 : peer.Instructions + peer.Accesses;
        double? large = row.Macs > LargeMacs ? LargeBar : null;
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{row.Model,-24}{row.Macs,12:N0}{row.Instructions,15:N0}{row.Accesses,13:N0}{sum,14:N0}{row.FlashRead,13:N0}{row.Arena,10:N0}{row.Stack,8:N0}{row.EngineBytes,9:N0}  {(row.Mismatches == 0 ? "yes" : "NO")}"));
        writer.WriteLine($"{"  peer",-24}{"",12}{Cell(peer.Instructions),15}{Cell(peer.Accesses),13}{Cell(peerSum),14}{Cell(peer.FlashRead),13}{Cell(peer.Arena),10}{"",8}{Cell(peer.EngineBytes),9}");
        writer.WriteLine($"{"  ours / peer",-24}{"",12}{Ratio(row.Instructions, peer.Instructions, large),15}{Ratio(row.Accesses, peer.Accesses),13}{Ratio(sum, peerSum),14}{Ratio(row.FlashRead, peer.FlashRead, ReadBar),13}{Ratio(row.Arena, peer.Arena),10}{"",8}{Ratio(row.EngineBytes, peer.EngineBytes),9}");
    }

    private static void PrintRest(TextWriter writer, IReadOnlyList<EngineRow> rows)
    {
        writer.WriteLine();
        writer.WriteLine($"{"MODEL",-24}{"LOAD, INSTR.",14}{"BAR",9}{"PLAN BYTES",13}{"BAR",10}{"CONTEXT",9}{"SLICES",8}{"LONGEST",10}{"SLICING",10}");
        foreach (EngineRow row in rows)
        {
            string slicing = row.SlicingOverhead.ToString("P2", CultureInfo.InvariantCulture) + (row.SlicingOverhead > SlicingBar ? Mark : string.Empty);
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{row.Model,-24}{Against(row.LoadInstructions, row.LoadBar),14}{row.LoadBar,9:N0}{Against(row.PlanBytes, row.PlanBar),13}{row.PlanBar,10:N0}{Against(row.ContextBytes, ContextBar),9}{row.Slices,8:N0}{Against(row.LongestSlice, SliceBar),10}{slicing,10}"));
        }

        writer.WriteLine("Bars: load 1,000 + 600 an operator + 10 a per-channel multiplier; plan 1.15 x constants + 1 KB; context 256 bytes; longest slice 250,000; slicing (against one slice) 1 %.");
    }

    private static void PrintMeans(TextWriter writer, IReadOnlyList<EngineRow> rows)
    {
        List<EngineRow> four = rows.Where(r => _mean.Contains(r.Model, StringComparer.Ordinal) && r.Peer.Instructions > 0).ToList();
        if (four.Count != _mean.Length)
        {
            return;
        }

        writer.WriteLine();
        writer.WriteLine("Geometric means of kws, vww, resnet8, ad01, ours / peer (bar):");
        writer.WriteLine($"  instructions             {Mean(four, r => (double)r.Instructions / r.Peer.Instructions, 0.60)}");
        writer.WriteLine($"  instructions + accesses  {Mean(four, r => (double)(r.Instructions + r.Accesses) / (r.Peer.Instructions + r.Peer.Accesses), 0.62)}");
        writer.WriteLine($"  arena                    {Mean(four, r => (double)r.Arena / r.Peer.Arena, 0.50)}");
        writer.WriteLine($"  engine bytes             {Mean(four, r => (double)r.EngineBytes / r.Peer.EngineBytes, 0.50)}");
    }

    private static string Mean(List<EngineRow> rows, Func<EngineRow, double> ratio, double bar)
    {
        double mean = Math.Exp(rows.Average(r => Math.Log(ratio(r))));
        return string.Create(CultureInfo.InvariantCulture, $"{mean:F3}{(mean > bar ? Mark : " ")} ({bar:F2})");
    }

    private static string Cell(long value) => value == 0 ? "-" : value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Against(long value, long bar) => value.ToString("N0", CultureInfo.InvariantCulture) + (value > bar ? Mark : string.Empty);

    private static string Ratio(long ours, long peer, double? bar = null) =>
        peer == 0 ? "-" : ((double)ours / peer).ToString("F2", CultureInfo.InvariantCulture) + ((double)ours / peer > bar ? Mark : string.Empty);
}
