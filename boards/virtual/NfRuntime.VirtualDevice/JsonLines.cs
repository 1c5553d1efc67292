using System;
using System.IO;
using System.Text.Encodings.Web;
using System.Text.Json;
using NfRuntime.Capsules;
using NfRuntime.Native;

namespace NfRuntime.VirtualDevice;

/// <summary>The device declines, with a permanent short name and a sentence.</summary>
internal sealed class RefusedException(string reason, string message) : Exception(message)
{
    public string Reason { get; } = reason;
}

/// <summary>Writes one JSON object a line (boards/virtual/README.md).</summary>
internal sealed class JsonLines(Stream stream)
{
    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public void Capsule(CapsuleSummary summary, NativeCapsule capsule, string tested) => Line(writer =>
    {
        writer.WriteString("capsule", summary.Name);
        writer.WriteString("version", summary.Version);
        writer.WriteString("target", summary.Target);
        writer.WriteBoolean("verified", capsule.IsSigned);
        writer.WriteString("self_test", tested);
        writer.WriteNumber("arena", capsule.ArenaBytes);
        writer.WriteNumber("state", capsule.StateBytes);
    });

    public void Prediction(string file, bool due, CapsuleResult result, NativeCapsule capsule, TimeSpan time) => Line(writer =>
    {
        writer.WriteString("input", file);
        if (!due)
        {
            writer.WriteBoolean("due", false);
            return;
        }

        if (result.Decision >= 0)
        {
            writer.WriteNumber("decision", result.Decision);
            writer.WriteString("label", capsule.Label(result.Decision));
        }
        else
        {
            writer.WriteNull("decision");
        }

        writer.WriteStartArray("results");
        for (int i = 0; i < result.Count; i++)
        {
            writer.WriteStartObject();
            writer.WriteNumber("index", result.ClassAt(i));
            writer.WriteString("label", capsule.Label(result.ClassAt(i)));
            writer.WriteNumber("score", result.ScoreAt(i));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteNumber("microseconds", (long)time.TotalMicroseconds);
    });

    public void Error(string reason, string message)
    {
        try
        {
            Line(writer =>
            {
                writer.WriteString("error", reason);
                writer.WriteString("message", message);
            });
        }
        catch (IOException)
        {
            Console.Error.WriteLine($"{reason}: {message}"); // nobody reads the lines any more
        }
    }

    private void Line(Action<Utf8JsonWriter> write)
    {
        using (var writer = new Utf8JsonWriter(stream, _options))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        stream.Flush();
    }
}
