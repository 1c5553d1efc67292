using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace NfRuntime.Bench;

/// <summary>A figure that has a bar to stay below, and a goal.</summary>
/// <param name="Model">The model, or "mean" for that of kws, vww, resnet8 and ad01.</param>
/// <param name="What">Which figure.</param>
/// <param name="Value">Measured: a ratio to the peer's, or a number.</param>
/// <param name="Limit">The bar.</param>
/// <param name="Goal">The goal; the bar itself where there is none.</param>
internal sealed record EngineBar(string Model, string What, double Value, double Limit, double Goal)
{
    public bool IsMissed => Value > Limit;

    public bool IsShort => Value > Goal;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Model} {What} {Figure(Value)} (bar {Figure(Limit)}, goal {Figure(Goal)})");

    /// <summary>Ratios with four decimals, counts with none.</summary>
    public static string Figure(double value) => value.ToString(value < 10 ? "0.0000" : "N0", CultureInfo.InvariantCulture);
}

/// <summary>The project's bars for the engine on an emulated core.</summary>
internal static class EngineBars
{
    /// <summary>Ratios of a model to the peer's are bars above so many multiply-accumulates; of smaller models they are printed.</summary>
    public const long LargeMacs = 100_000;

    public const double LargeBar = 0.80;
    public const double ReadBar = 1.0;
    public const long ContextBar = 256;
    public const double SlicingBar = 0.01;
    public const long SliceBar = 250_000; // 1.25 x NFR_ENGINE_DEFAULT_BUDGET

    // The models over which bars are means.
    private static readonly string[] _mean = ["kws_ref_model", "vww_96_int8", "resnet8_ic_int8", "ad01_int8"];

    /// <summary>All that these rows can be held to.</summary>
    public static IReadOnlyList<EngineBar> Of(IReadOnlyList<EngineRow> rows) => [.. Means(rows), .. rows.SelectMany(OfModel)];

    /// <summary>The means; none without all their models.</summary>
    public static IReadOnlyList<EngineBar> Means(IReadOnlyList<EngineRow> rows)
    {
        List<EngineRow> four = rows.Where(r => _mean.Contains(r.Model, StringComparer.Ordinal) && r.Peer.Instructions > 0).ToList();
        return four.Count != _mean.Length
            ? []
            :
            [
                new("mean", "instructions", Mean(four, r => (double)r.Instructions / r.Peer.Instructions), 0.60, 0.48),
                new("mean", "instructions + accesses", Mean(four, r => (double)(r.Instructions + r.Accesses) / (r.Peer.Instructions + r.Peer.Accesses)), 0.62, 0.50),
                new("mean", "arena", Mean(four, r => (double)r.Arena / r.Peer.Arena), 0.50, 0.40),
                new("mean", "engine bytes", Mean(four, r => (double)r.EngineBytes / r.Peer.EngineBytes), 0.50, 0.40),
            ];
    }

    private static IEnumerable<EngineBar> OfModel(EngineRow row)
    {
        PeerFigures peer = row.Peer;
        if (row.Macs > LargeMacs && peer.Instructions > 0)
        {
            yield return new(row.Model, "instructions", (double)row.Instructions / peer.Instructions, LargeBar, 0.60);
        }

        if (row.Macs > LargeMacs && peer.FlashRead > 0)
        {
            yield return new(row.Model, "model bytes read", (double)row.FlashRead / peer.FlashRead, ReadBar, 0.50);
        }

        yield return new(row.Model, "slicing overhead", row.SlicingOverhead, SlicingBar, 0.003);
        yield return new(row.Model, "longest slice", row.LongestSlice, SliceBar, SliceBar);
        yield return new(row.Model, "load", row.LoadInstructions, row.LoadBar, row.LoadBar / 2.0);
        yield return new(row.Model, "context", row.ContextBytes, ContextBar, ContextBar / 2.0);
        yield return new(row.Model, "plan bytes", row.PlanBytes, row.PlanBar, row.PlanBar);
        yield return new(row.Model, "mismatches", row.Mismatches, 0, 0);
    }

    private static double Mean(List<EngineRow> rows, Func<EngineRow, double> ratio) => Math.Exp(rows.Average(r => Math.Log(ratio(r))));
}
