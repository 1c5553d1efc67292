using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Bench;

/// <summary>The project's bars for the store.</summary>
internal static class StoreBars
{
    /// <summary>Geometries with blob blocks of this size have bars; of others the figures are printed.</summary>
    public const long BlockBytes = 4096;

    public const double Amplification = 1.5;
    public const double Wear = 1.3;
    public const long Code = 14 << 10;
    public const long Ram = 1 << 10;

    /// <summary>Instructions a second for what an inference takes: 168 MHz, one a cycle.</summary>
    public const double Clock = 168e6;

    /// <summary>The model that a swap must not outlast.</summary>
    public const string SwapModel = "kws_ref_model";

    /// <summary>Milliseconds of one inference.</summary>
    public static double InferenceMs(BudgetRow model) => model.Figures[0] / Clock * 1e3;

    public static IReadOnlyList<EngineBar> Of(StoreFigures figures) => [.. Boot(figures.Boots), .. figures.Steady.SelectMany(Steady), .. Size(figures.Size), .. Swap(figures)];

    private static IEnumerable<EngineBar> Boot(IReadOnlyList<StoreBoot> boots)
    {
        foreach (StoreBoot boot in boots)
        {
            string name = $"boot, {boot.Capsules} capsules, {boot.BlobBytes >> 20} MB:";
            yield return new(name, "flash bytes read", boot.ReadMost, boot.ReadBar, boot.ReadBar);
            yield return new(name, "blob region read", boot.BlobRead, 0, 0);
        }

        StoreBoot least = boots.MinBy(b => b.Capsules)!, most = boots.MaxBy(b => b.Capsules)!;
        List<StoreBoot> sizes = [.. boots.Where(b => b.Capsules == most.Capsules)];
        double times = (double)most.Records / least.Records;
        yield return new("boot", $"instructions, {most.Capsules} : {least.Capsules} capsules", (double)most.Instructions / least.Instructions, times, times);
        yield return new("boot", "bytes read, largest : smallest region", (double)sizes.Max(b => b.ReadMost) / sizes.Min(b => b.ReadMost), 1, 1);
        yield return new("boot", "instructions, largest : smallest region", (double)sizes.Max(b => b.Instructions) / sizes.Min(b => b.Instructions), 1.01, 1.01);
    }

    private static IEnumerable<EngineBar> Steady(StoreSteady row)
    {
        if (row.BlockBytes == BlockBytes)
        {
            string name = $"{row.Chip}, {row.Workload}:";
            yield return new(name, "write amplification", row.Amplification, Amplification, Amplification);
            yield return new(name, "versions refused", row.Refused, 0, 0);
            if (row.Workload == "uniform")
            {
                yield return new(name, "wear max / mean, blobs", row.BlobSpread, Wear, Wear);
                yield return new(name, "wear max / mean, journal", row.JournalSpread, Wear, Wear);
            }
        }
    }

    private static IEnumerable<EngineBar> Size(StoreSize size) =>
    [
        new("store", "code, -Os", size.CodeForSize, Code, Code),
        new("store", "RAM for 64 capsules", size.StoreBytes + size.IndexBytes, Ram, Ram),
    ];

    private static IEnumerable<EngineBar> Swap(StoreFigures figures)
    {
        double inference = InferenceMs(figures.Models.First(m => m.Model == SwapModel));
        return figures.Swaps.Select(s => new EngineBar($"swap, {s.Chip}:", $"flash time / inference of {SwapModel}", s.LongestUs / 1e3 / inference, 1, 1));
    }
}
