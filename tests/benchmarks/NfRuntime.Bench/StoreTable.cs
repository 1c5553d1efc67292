using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace NfRuntime.Bench;

/// <summary>Prints the store's figures, a mark where a bar is passed.</summary>
internal sealed class StoreTable(TextWriter writer)
{
    public void Print(StoreFigures figures, string core)
    {
        Boot(figures.Boots, core);
        Steady(figures.Steady);
        Size(figures.Size, core);
        Swap(figures);
        IReadOnlyList<EngineBar> bars = StoreBars.Of(figures);
        Line();
        foreach (EngineBar bar in bars.Where(b => b.IsMissed))
        {
            Line($"FAILED  above its bar: {bar.Model} {bar.What} {EngineBar.Figure(bar.Value)} (bar {EngineBar.Figure(bar.Limit)})");
        }

        Line($"{bars.Count(b => !b.IsMissed)} passed, {bars.Count(b => b.IsMissed)} failed");
    }

    private void Boot(IReadOnlyList<StoreBoot> boots, string core)
    {
        Line($"Boot: nfr_store_mount on {core} under QEMU; one name, confirmed, with manifest, model and vectors a capsule; the journal is as long as it ever gets.");
        Text($"{"CAPSULES",-10}{"REGION",8}{"RECORDS",9}{"LIVE B",9}{"B/RECORD",10}{"READ, LEAST",13}{"READ, MOST",12}{"BAR",9}{"OF BLOBS",10}{"INSTRUCTIONS",14}{"A RECORD",10}{"AT 168 MHZ",12}");
        foreach (StoreBoot b in boots)
        {
            Line($"{b.Capsules,-10}{(b.BlobBytes >> 20) + " MB",8}{b.Records,9:N0}{b.Live,9:N0}{(double)b.Live / b.Records,10:F1}{b.ReadLeast,13:N0}{Marked(b.ReadMost, b.ReadMost > b.ReadBar),12}{b.ReadBar,9:N0}{b.BlobRead,10:N0}{b.Instructions,14:N0}{b.Instructions / b.Records,10:N0}{(b.Instructions / StoreBars.Clock * 1e3).ToString("F1", CultureInfo.InvariantCulture) + " ms",12}");
        }

        Text("Bar: 2 x live bytes + 2 blocks + 64 bytes a journal block; nothing of the blob region; the same for every size of it.");
    }

    private void Steady(IReadOnlyList<StoreSteady> rows)
    {
        Line();
        Text("Steady replacement, blobs 70 % full of versions that are kept (confirmed and previous). Written = all bytes programmed / payload.");
        Text($"{"CHIP",-17}{"WORKLOAD",-9}{"BLOCK",7}{"UNIT",5}{"REGION",7}{"NAMES",6}{"REPLACED",9}{"REFUSED",8}{"PAYLOAD",9}{"WRITTEN",9}{"JOURNAL",9}{"WEAR MEAN",11}{"MIN",5}{"MAX",6}{"MAX/MEAN",10}{"JOURNAL MAX/MEAN",18}");
        foreach (StoreSteady r in rows)
        {
            bool hasBars = r.BlockBytes == StoreBars.BlockBytes, isUniform = r.Workload == "uniform";
            string written = Marked(r.Amplification, "F3", hasBars && r.Amplification > StoreBars.Amplification);
            string spread = Marked(r.BlobSpread, "F2", hasBars && isUniform && r.BlobSpread > StoreBars.Wear);
            string journal = Marked(r.JournalSpread, "F2", hasBars && isUniform && r.JournalSpread > StoreBars.Wear);
            Line($"{r.Chip,-17}{r.Workload,-9}{(r.BlockBytes >> 10) + " KB",7}{r.UnitBytes,5}{(r.BlobBytes >> 20) + " MB",7}{r.Capsules,6}{r.Replaced,9:N0}{r.Refused,8}{r.Payload / 1e6,6:F0} MB{written,9}{(double)r.JournalProgrammed / r.Payload,9:F3}{r.BlobWearMean,11:F1}{r.BlobWearMin,5}{r.BlobWearMax,6}{spread,10}{journal,18}");
        }

        Line($"Bars, blocks of 4 KB: written {StoreBars.Amplification:F1}, max/mean {StoreBars.Wear:F1} (uniform), none refused. cold: half of the capsules are never replaced; nothing moves them, so its max/mean is printed only.");
    }

    private void Size(StoreSize size, string core)
    {
        Line();
        Line($"Store and lifecycle on {core}: code {Marked(size.CodeForSize, size.CodeForSize > StoreBars.Code)} bytes with -Os (the firmware's; bar {StoreBars.Code:N0}), {size.CodeForSpeed:N0} with -O2; with nfr_reason_text (sentences for who shows a reason; a device sends its number) {size.WithText:N0}; with what they use of the C library {size.WithLibrary:N0}. Every function of nfr_store.h and nfr_lifecycle.h is counted.");
        long ram = size.StoreBytes + size.IndexBytes;
        Line($"RAM for 64 capsules {Marked(ram, ram > StoreBars.Ram)} (struct nfr_store {size.StoreBytes:N0}, index {size.IndexBytes:N0}; bar {StoreBars.Ram:N0}) and the program buffer. Stack at most {size.Stack:N0} ({size.Deepest}), the port's callbacks not counted.");
        Line($"A device for managed code (nfr_device.h, no bar): code {size.DeviceCode:N0} bytes more with -Os; RAM {size.DeviceBytes:N0}, the store and 4,096 for a key list in it, and index and program buffer.");
    }

    private void Swap(StoreFigures figures)
    {
        BudgetRow model = figures.Models.First(m => m.Model == StoreBars.SwapModel);
        double inference = StoreBars.InferenceMs(model);
        Line();
        Line($"Swap: flash time of the record that changes who serves, journal prepared; one inference of {model.Model} takes {inference:F2} ms (168 MHz, an instruction a cycle).");
        Text($"{"CHIP",-17}{"BLOCK",8}{"UNIT",6}{"PAGE",9}{"ERASE",9}{"TRIAL",10}{"CONFIRM",10}{"ROLL BACK",11}{"INFERENCES",12}{"NOT PREPARED",15}");
        foreach (StoreSwap s in figures.Swaps)
        {
            double ratio = s.LongestUs / 1e3 / inference;
            Line($"{s.Chip,-17}{(s.JournalBlockBytes >> 10) + " KB",8}{s.UnitBytes,6}{Ms(s.PageUs),9}{Ms(s.EraseUs),9}{Ms(s.TrialUs),10}{Ms(s.ConfirmUs),10}{Ms(s.RollBackUs),11}{Marked(ratio, "F2", ratio > 1),12}{Ms(s.UnpreparedUs),15}");
        }

        StoreSwap first = figures.Swaps[0];
        Line($"Against each model, {first.Chip} (longest {Ms(first.LongestUs)} ms), inferences: {string.Join(", ", figures.Models.Select(m => $"{m.Model} {first.LongestUs / 1e3 / StoreBars.InferenceMs(m):F2}"))}.");
        Text("Models whose inference is shorter than the record are no bar: the record is written between two inferences, while the version from before still serves; what waits is at most this one record, and their deadlines are those of their sensors, not of their microseconds.");
    }

    private static string Ms(long us) => (us / 1e3).ToString("F2", CultureInfo.InvariantCulture);

    private static string Marked(long value, bool isAbove) => value.ToString("N0", CultureInfo.InvariantCulture) + (isAbove ? "*" : string.Empty);

    private static string Marked(double value, string format, bool isAbove) => value.ToString(format, CultureInfo.InvariantCulture) + (isAbove ? "*" : string.Empty);

    private void Line(FormattableString line) => writer.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private void Text(string line) => writer.WriteLine(line);

    private void Line() => writer.WriteLine();
}
