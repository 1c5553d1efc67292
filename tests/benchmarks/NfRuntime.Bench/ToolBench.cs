using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;

namespace NfRuntime.Bench;

/// <summary>How long a person waits for the tool: start to first output, and whole commands. Wall clock: printed, never asserted.</summary>
internal static class ToolBench
{
    private const int Runs = 9;

    public static void Print(TextWriter writer, string root, string models)
    {
        string tool = Path.Combine(root, "artifacts", "capsule");
        List<(string What, string[] Arguments)> commands = [("capsule --help", ["--help"]), ("capsule compile --help", ["compile", "--help"])];
        string vww = Path.Combine(models, "vww_96_int8.tflite");
        if (File.Exists(vww))
        {
            commands.Add(("capsule compile vww_96_int8", ["compile", vww, "--target", "cortex-m4"]));
        }

        writer.WriteLine($"{"COMMAND",-32}{"FIRST OUTPUT",14}{"END",10}   median of {Runs} runs, milliseconds");
        foreach ((string what, string[] arguments) in commands)
        {
            List<(double First, double End)> times = [.. Enumerable.Range(0, Runs).Select(_ => Time(tool, arguments))];
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-32}{Median(times.Select(t => t.First)),14:F0}{Median(times.Select(t => t.End)),10:F0}"));
        }
    }

    private static (double First, double End) Time(string tool, string[] arguments)
    {
        long started = Stopwatch.GetTimestamp();
        using Process process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true })!;
        _ = process.StandardOutput.Read();
        double first = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        _ = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (first, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Runs / 2);
}
