using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace NfRuntime.Cli.Output;

/// <summary>Predictions for people.</summary>
internal static class RunText
{
    private const int Shown = 10;

    /// <summary>Adds the true class of each input.</summary>
    public static RunShape WithTruth(RunShape run, IReadOnlyDictionary<string, int>? truth) => truth is null
        ? run
        : run with { Predictions = [.. run.Predictions.Select(p => p with { Truth = truth[Path.GetFileName(p.Input)] })] };

    /// <summary>A line an input (ten without --verbose), and how many are right.</summary>
    public static void Write(ToolConsole console, RunShape run, IReadOnlyList<string> labels, bool verbose)
    {
        string digest = run.Digest is null ? string.Empty : $" sha256:{run.Digest["sha256:".Length..][..12]}";
        string selfTest = run.SelfTest is null ? string.Empty : $"   verified, self-test {run.SelfTest}";
        console.Line($" {run.Name}{digest}{selfTest}");
        bool hasTruth = run.Predictions.Any(p => p.Truth is not null);
        TextTable table = hasTruth ? new TextTable("INPUT", "PREDICTED", ">SCORE", "TRUTH", "", "THEN") : new TextTable("INPUT", "PREDICTED", ">SCORE", "THEN");
        int shown = verbose || run.Predictions.Count <= 2 * Shown ? run.Predictions.Count : Shown;
        foreach (PredictionShape prediction in run.Predictions.Take(shown))
        {
            table.Add(Row(prediction, labels, hasTruth));
        }

        table.WriteTo(console);
        if (shown < run.Predictions.Count)
        {
            console.Line($" … {run.Predictions.Count - shown} more: --verbose");
        }

        WriteTotals(console, run, hasTruth);
    }

    private static void WriteTotals(ToolConsole console, RunShape run, bool hasTruth)
    {
        double[] times = [.. run.Predictions.Select(p => p.Microseconds).OfType<double>().Order()];
        string time = times.Length == 0 ? string.Empty : $"   median {(times[times.Length / 2] / 1000).ToString("0.000", CultureInfo.InvariantCulture)} ms an inference";
        if (hasTruth)
        {
            console.Line($" {run.Predictions.Count(p => p.Decision == p.Truth)} of {run.Predictions.Count} right{time}");
        }
        else if (time.Length > 0)
        {
            console.Line($" {Figures.Plural(run.Predictions.Count, "input")}{time}");
        }
    }

    private static string[] Row(PredictionShape prediction, IReadOnlyList<string> labels, bool hasTruth)
    {
        string Name(int index) => index >= 0 && index < labels.Count ? labels[index] : $"class {index}";
        string decided = prediction.Decision is { } decision ? Name(decision) : "nothing";
        string score = prediction.Classes.Count == 0 ? string.Empty : Score(prediction.Classes[0]);
        string then = string.Join("  ", prediction.Classes.Skip(1).Select(c => $"{Name(c.Index)} {Score(c)}"));
        return hasTruth
            ? [Path.GetFileName(prediction.Input), decided, score, Name(prediction.Truth!.Value), prediction.Decision == prediction.Truth ? "right" : "wrong", then]
            : [Path.GetFileName(prediction.Input), decided, score, then];
    }

    private static string Score(ClassShape one) => one.Score.ToString("0.000", CultureInfo.InvariantCulture);
}
