using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace NfRuntime.Bench;

/// <summary>Prints rows for people (with the peer's figures, the ratio and a mark where a bar is passed) or for scripts.</summary>
internal static class EngineTable
{
    private const string Mark = "*";

    /// <summary>One model for scripts; names of figures that the peer lacks are 0.</summary>
    public static string Json(EngineRow row, string core, string kernels, long cryptoBytes) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"model":"{{row.Model}}","core":"{{core}}","kernels":"{{kernels}}","instructions":{{row.Instructions}},"arena":{{row.Arena}},"stack":{{row.Stack}},"engine_bytes":{{row.EngineBytes}},"crypto_bytes":{{cryptoBytes}},"accesses":{{row.Accesses}},"sum":{{row.Instructions + row.Accesses}},"flash_read":{{row.FlashRead}},"mismatches":{{row.Mismatches}},"macs":{{row.Macs}},"state":{{row.StateBytes}},"context":{{row.ContextBytes}},"operators":{{row.Operators}},"channels":{{row.Channels}},"load_instructions":{{row.LoadInstructions}},"load_bar":{{row.LoadBar}},"plan_bytes":{{row.PlanBytes}},"plan_bar":{{row.PlanBar}},"slices":{{row.Slices}},"longest_slice":{{row.LongestSlice}},"unsliced_instructions":{{row.UnslicedInstructions}},"slicing_overhead":{{row.SlicingOverhead:F5}},"peer_instructions":{{row.Peer.Instructions}},"peer_accesses":{{row.Peer.Accesses}},"peer_flash_read":{{row.Peer.FlashRead}},"peer_arena":{{row.Peer.Arena}},"peer_engine_bytes":{{row.Peer.EngineBytes}}}""");

    /// <summary>All models for people.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="rows">The models.</param>
    /// <param name="title">Core and kernels.</param>
    /// <param name="cryptoBytes">Of the crypto port; 0 = not measured.</param>
    /// <param name="budgets">What the models took when budgets.csv was written.</param>
    public static void Print(TextWriter writer, IReadOnlyList<EngineRow> rows, string title, long cryptoBytes, IReadOnlyList<BudgetRow> budgets)
    {
        writer.WriteLine($"One warm inference on {title}; below each model the peer (TFLM + CMSIS-NN, its better build), ours / peer, and the change against budgets.csv. {Mark} is above its bar.");
        writer.WriteLine();
        writer.WriteLine($"{"MODEL",-24}{"MACS",12}{"INSTRUCTIONS",15}{"ACCESSES",13}{"SUM",14}{"MODEL READ",13}{"ARENA",10}{"STACK",8}{"ENGINE",9}  BIT-EXACT");
        foreach (EngineRow row in rows)
        {
            PrintRow(writer, row);
            PrintChange(writer, row, budgets.FirstOrDefault(b => b.Model == row.Model));
        }

        PrintRest(writer, rows);
        PrintMeans(writer, rows);
        writer.WriteLine();
        writer.WriteLine($"Crypto beside ENGINE: {(cryptoBytes == 0 ? "not measured (mbedTLS's headers are missing)" : Cell(cryptoBytes) + " bytes of port")}; mbedTLS itself is the device firmware's.");
        PrintBars(writer, EngineBars.Of(rows));
    }

    private static void PrintBars(TextWriter writer, IReadOnlyList<EngineBar> bars)
    {
        foreach (EngineBar bar in bars.Where(b => b.IsMissed))
        {
            writer.WriteLine($"MISSED  {bar}");
        }

        List<EngineBar> near = bars.Where(b => b is { IsShort: true, IsMissed: false }).ToList();
        foreach (IGrouping<string, EngineBar> figure in near.GroupBy(b => b.What))
        {
            writer.WriteLine($"short of the goal, {figure.Key}: {string.Join(", ", figure.Select(b => $"{b.Model} {EngineBar.Figure(b.Value)} ({EngineBar.Figure(b.Goal)})"))}");
        }

        writer.WriteLine($"{bars.Count(b => b.IsMissed)} bars missed, {bars.Count(b => !b.IsMissed)} held, {near.Count} of these short of their goals");
    }

    // Accesses are no budget of an old file's, state is within the arena of a row.
    private static void PrintChange(TextWriter writer, EngineRow row, BudgetRow? budget)
    {
        if (budget is null)
        {
            return;
        }

        long Was(string name) => budget.Figures[BudgetFile.Names.ToList().IndexOf(name)];
        long instructions = Was("instructions"), accesses = Was("accesses");
        long[] was = [instructions, accesses, instructions + accesses, Was("flash_read"), Was("arena") + Was("state") + row.ContextBytes, Was("stack"), Was("code")];
        long[] now = [row.Instructions, row.Accesses, row.Instructions + row.Accesses, row.FlashRead, row.Arena, row.Stack, row.EngineBytes];
        if (!was.SequenceEqual(now))
        {
            string[] cells = [.. was.Zip(now, (w, n) => w == n ? "=" : ((double)(n - w) / w).ToString("+0.0 %;-0.0 %;0.0 %", CultureInfo.InvariantCulture))];
            writer.WriteLine($"{"  change",-24}{"",12}{cells[0],15}{cells[1],13}{cells[2],14}{cells[3],13}{cells[4],10}{cells[5],8}{cells[6],9}");
        }
    }

    private static void PrintRow(TextWriter writer, EngineRow row)
    {
        PeerFigures peer = row.Peer;
        long sum = row.Instructions + row.Accesses, peerSum = peer.Accesses == 0 ? 0 : peer.Instructions + peer.Accesses;
        double? large = row.Macs > EngineBars.LargeMacs ? EngineBars.LargeBar : null, read = row.Macs > EngineBars.LargeMacs ? EngineBars.ReadBar : null;
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{row.Model,-24}{row.Macs,12:N0}{row.Instructions,15:N0}{row.Accesses,13:N0}{sum,14:N0}{row.FlashRead,13:N0}{row.Arena,10:N0}{row.Stack,8:N0}{row.EngineBytes,9:N0}  {(row.Mismatches == 0 ? "yes" : "NO")}"));
        writer.WriteLine($"{"  peer",-24}{"",12}{Cell(peer.Instructions),15}{Cell(peer.Accesses),13}{Cell(peerSum),14}{Cell(peer.FlashRead),13}{Cell(peer.Arena),10}{"",8}{Cell(peer.EngineBytes),9}");
        writer.WriteLine($"{"  ours / peer",-24}{"",12}{Ratio(row.Instructions, peer.Instructions, large),15}{Ratio(row.Accesses, peer.Accesses),13}{Ratio(sum, peerSum),14}{Ratio(row.FlashRead, peer.FlashRead, read),13}{Ratio(row.Arena, peer.Arena),10}{"",8}{Ratio(row.EngineBytes, peer.EngineBytes),9}");
    }

    private static void PrintRest(TextWriter writer, IReadOnlyList<EngineRow> rows)
    {
        writer.WriteLine();
        writer.WriteLine($"{"MODEL",-24}{"LOAD, INSTR.",14}{"BAR",9}{"PLAN BYTES",13}{"BAR",10}{"CONTEXT",9}{"SLICES",8}{"LONGEST",10}{"SLICING",10}");
        foreach (EngineRow row in rows)
        {
            string slicing = row.SlicingOverhead.ToString("P2", CultureInfo.InvariantCulture) + (row.SlicingOverhead > EngineBars.SlicingBar ? Mark : string.Empty);
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{row.Model,-24}{Against(row.LoadInstructions, row.LoadBar),14}{row.LoadBar,9:N0}{Against(row.PlanBytes, row.PlanBar),13}{row.PlanBar,10:N0}{Against(row.ContextBytes, EngineBars.ContextBar),9}{row.Slices,8:N0}{Against(row.LongestSlice, EngineBars.SliceBar),10}{slicing,10}"));
        }

        writer.WriteLine("Bars: load 1,000 + 600 an operator + 10 a per-channel multiplier (goal half); plan 1.15 x constants + 1 KB; context 256 bytes (128); longest slice 250,000; slicing, against one slice, 1 % (0.3 %). Of models above 100,000 MACs instructions 0.80 (0.60) of the peer's, model bytes read 1.0 (0.5).");
    }

    private static void PrintMeans(TextWriter writer, IReadOnlyList<EngineRow> rows)
    {
        IReadOnlyList<EngineBar> means = EngineBars.Means(rows);
        if (means.Count == 0)
        {
            return;
        }

        writer.WriteLine();
        writer.WriteLine("Geometric means of kws, vww, resnet8, ad01, ours / peer (bar, goal):");
        foreach (EngineBar mean in means)
        {
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {mean.What,-25}{mean.Value:F3}{(mean.IsMissed ? Mark : " ")} ({mean.Limit:F2}, {mean.Goal:F2})"));
        }
    }

    private static string Cell(long value) => value == 0 ? "-" : value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Against(long value, long bar) => value.ToString("N0", CultureInfo.InvariantCulture) + (value > bar ? Mark : string.Empty);

    private static string Ratio(long ours, long peer, double? bar = null) =>
        peer == 0 ? "-" : ((double)ours / peer).ToString("F2", CultureInfo.InvariantCulture) + ((double)ours / peer > bar ? Mark : string.Empty);
}
