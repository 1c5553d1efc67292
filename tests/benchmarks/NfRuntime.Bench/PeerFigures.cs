using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace NfRuntime.Bench;

/// <summary>The peer's figures for one model and core, the better of its builds; 0 where it has none.</summary>
internal sealed record PeerFigures(long Instructions, long Accesses, long FlashRead, long Arena, long EngineBytes)
{
    private static readonly PeerFigures _none = new(0, 0, 0, 0, 0);

    /// <summary>Reads ../shared/models/peer_tflm_cmsisnn.json and peer_access.json.</summary>
    public static PeerFigures Read(string models, string model, string core)
    {
        string figures = Path.Combine(models, "peer_tflm_cmsisnn.json");
        if (!File.Exists(figures))
        {
            return _none;
        }

        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(figures));
        if (!document.RootElement.GetProperty("models").TryGetProperty(model, out JsonElement entry) || !entry.TryGetProperty(core, out JsonElement cell))
        {
            return _none;
        }

        List<JsonElement> builds = cell.EnumerateObject().Where(p => p.Name is "O2" or "Ofast").Select(p => p.Value).ToList();
        long instructions = builds.Select(b => b.GetProperty("instructions").GetInt64()).Append(cell.GetProperty("Ofast_all_ops_build").GetInt64()).Min();
        long engine = builds.Select(b => Number(b, "engine_bytes")).Where(n => n > 0).DefaultIfEmpty(0).Min();
        (long accesses, long read) = Memory(models, model, core);
        return new(instructions, accesses, read, Number(cell, "arena"), engine);
    }

    private static (long Accesses, long Read) Memory(string models, string model, string core)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(models, "peer_access.json")));
        if (!document.RootElement.TryGetProperty(model, out JsonElement entry))
        {
            return (0, 0);
        }

        List<JsonElement> builds = entry.EnumerateObject().Where(p => p.Name.StartsWith(core + "_", System.StringComparison.Ordinal)).Select(p => p.Value).ToList();
        return (builds.Select(b => Number(b, "accesses")).DefaultIfEmpty(0).Min(), builds.Select(b => Number(b, "model_bytes_read")).DefaultIfEmpty(0).Min());
    }

    private static long Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) ? value.GetInt64() : 0;
}
