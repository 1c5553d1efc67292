using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace NfRuntime.Bench;

/// <summary>Prints rows for people (with the peer's figures and the ratio) or for scripts.</summary>
internal static class EngineTable
{
    // The models over which the project's bars are means.
    private static readonly string[] _mean = ["kws_ref_model", "vww_96_int8", "resnet8_ic_int8", "ad01_int8"];

    public static string Json(EngineRow row) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"model":"{{row.Model}}","instructions":{{row.Instructions}},"arena":{{row.Arena}},"stack":{{row.Stack}},"engine_bytes":{{row.EngineBytes}},"accesses":{{row.Accesses}},"flash_read":{{row.FlashRead}},"mismatches":{{row.Mismatches}}}""");

    public static void Print(TextWriter writer, IReadOnlyList<EngineRow> rows, string core)
    {
        writer.WriteLine($"One warm inference on {core} under QEMU, portable kernels; below each model the peer (TFLM + CMSIS-NN, its better build) and ours / peer.");
        writer.WriteLine();
        writer.WriteLine($"{"MODEL",-24}{"MACS",12}{"INSTRUCTIONS",15}{"ACCESSES",13}{"MODEL READ",13}{"ARENA",10}{"STACK",8}{"ENGINE",9}  BIT-EXACT");
        foreach (EngineRow row in rows)
        {
            PeerFigures peer = row.Peer;
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{row.Model,-24}{row.Macs,12:N0}{row.Instructions,15:N0}{row.Accesses,13:N0}{row.FlashRead,13:N0}{row.Arena,10:N0}{row.Stack,8:N0}{row.EngineBytes,9:N0}  {(row.Mismatches == 0 ? "yes" : "NO")}"));
            writer.WriteLine($"{"  peer",-24}{"",12}{Cell(peer.Instructions),15}{Cell(peer.Accesses),13}{Cell(peer.FlashRead),13}{Cell(peer.Arena),10}{"",8}{Cell(peer.EngineBytes),9}");
            writer.WriteLine($"{"  ours / peer",-24}{"",12}{Ratio(row.Instructions, peer.Instructions),15}{Ratio(row.Accesses, peer.Accesses),13}{Ratio(row.FlashRead, peer.FlashRead),13}{Ratio(row.Arena, peer.Arena),10}{"",8}{Ratio(row.EngineBytes, peer.EngineBytes),9}");
        }

        PrintMeans(writer, rows);
    }

    private static void PrintMeans(TextWriter writer, IReadOnlyList<EngineRow> rows)
    {
        List<EngineRow> four = rows.Where(r => _mean.Contains(r.Model, StringComparer.Ordinal) && r.Peer.Instructions > 0).ToList();
        if (four.Count == _mean.Length)
        {
            writer.WriteLine();
            writer.WriteLine($"Geometric mean of kws, vww, resnet8, ad01, ours / peer: instructions {Mean(four, r => (double)r.Instructions / r.Peer.Instructions)}, arena {Mean(four, r => (double)r.Arena / r.Peer.Arena)}, engine bytes {Mean(four, r => (double)r.EngineBytes / r.Peer.EngineBytes)}");
        }
    }

    private static string Mean(List<EngineRow> rows, Func<EngineRow, double> ratio) =>
        Math.Exp(rows.Average(r => Math.Log(ratio(r)))).ToString("F2", CultureInfo.InvariantCulture);

    private static string Cell(long value) => value == 0 ? "-" : value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Ratio(long ours, long peer) => peer == 0 ? "-" : ((double)ours / peer).ToString("F2", CultureInfo.InvariantCulture);
}
