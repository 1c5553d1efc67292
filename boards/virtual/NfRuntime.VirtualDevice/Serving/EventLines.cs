using System;
using System.IO;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading;

namespace NfRuntime.VirtualDevice.Serving;

/// <summary>What happens to devices, one JSON object a line (boards/virtual/README.md). Thread-safe: shards share it.</summary>
internal sealed class EventLines(Stream stream)
{
    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly Lock _gate = new();

    /// <summary>{"at":…,"device":…,"event":…, and what <paramref name="more"/> adds}.</summary>
    public void Write(string device, string name, Action<Utf8JsonWriter>? more = null)
    {
        using var line = new MemoryStream();
        using (var writer = new Utf8JsonWriter(line, _options))
        {
            writer.WriteStartObject();
            writer.WriteString("at", DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture));
            writer.WriteString("device", device);
            writer.WriteString("event", name);
            more?.Invoke(writer);
            writer.WriteEndObject();
        }

        line.WriteByte((byte)'\n');
        lock (_gate)
        {
            line.WriteTo(stream);
            stream.Flush();
        }
    }
}
