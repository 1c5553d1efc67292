using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Images.Capsule;

namespace NfRuntime.Cli.Projects;

/// <summary>Reads "processing": scale, normalize and window before the model, top-k, threshold and debounce behind it.</summary>
internal static class ProcessingReader
{
    private static readonly Dictionary<string, SampleSource> Sources = new()
    {
        ["uint8"] = SampleSource.UInt8,
        ["int8"] = SampleSource.Int8,
        ["int16"] = SampleSource.Int16,
        ["float32"] = SampleSource.Float32,
    };

    public static (IReadOnlyList<DeclaredInput> Pre, DeclaredOutput? Post) Read(ObjectReader processing, bool hasLabels)
    {
        DeclaredInput[] pre = [.. processing.Items("pre").Select(item => ReadInput(processing.Nested(item)))];
        if (pre.DistinctBy(input => input.Input).Count() != pre.Length)
        {
            throw processing.Wrong("pre", "prepares an input twice");
        }

        DeclaredOutput? post = processing.Object("post") is { } reader ? ReadOutput(reader, hasLabels) : null;
        processing.Finish();
        return (pre, post);
    }

    private static DeclaredInput ReadInput(ObjectReader reader)
    {
        byte input = (byte)reader.Integer("input", 0, PlanInputs - 1, 0);
        SampleSource source = reader.Word("source", Sources) ?? throw reader.Wrong("source", $"is missing; expected one of {string.Join(", ", Sources.Keys)}");
        double scale = reader.Number("scale") ?? 1;
        IReadOnlyList<double> mean = reader.Numbers("mean", PreProcessing.MaxChannels);
        IReadOnlyList<double> deviation = reader.Numbers("deviation", PreProcessing.MaxChannels);
        int hop = (int)reader.Integer("hop", 0, int.MaxValue, 0);
        reader.Finish();
        int channels = Math.Max(1, Math.Max(mean.Count, deviation.Count));
        return new DeclaredInput(
            input,
            source,
            [.. Enumerable.Range(0, channels).Select(c => new ChannelNormalization(scale, Entry(reader, "mean", mean, c, channels, 0), Entry(reader, "deviation", deviation, c, channels, 1)))],
            hop);
    }

    private static DeclaredOutput ReadOutput(ObjectReader reader, bool hasLabels)
    {
        byte output = (byte)reader.Integer("output", 0, PlanInputs - 1, 0);
        byte topK = (byte)reader.Integer("topK", 1, PostProcessing.MaxTopK, 1);
        double? threshold = reader.Number("threshold");
        Debounce? debounce = reader.Object("debounce") is { } nested ? ReadDebounce(nested) : null;
        reader.Finish();
        return new DeclaredOutput(output, topK, threshold, debounce, hasLabels);
    }

    private static Debounce ReadDebounce(ObjectReader reader)
    {
        long window = reader.Integer("window", 1, PostProcessing.MaxDebounceWindow, 1);
        long needed = reader.Integer("needed", 1, window, 1);
        reader.Finish();
        return new Debounce((byte)needed, (byte)window);
    }

    // One number holds for every channel.
    private static double Entry(ObjectReader reader, string name, IReadOnlyList<double> numbers, int channel, int channels, double otherwise) => numbers.Count switch
    {
        0 => otherwise,
        1 => numbers[0],
        _ when numbers.Count == channels => numbers[channel],
        _ => throw reader.Wrong(name, $"has {numbers.Count} numbers for {channels} channels"),
    };

    private const int PlanInputs = NfRuntime.Model.Plan.PlanFormat.MaxIo;
}
