using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using NfRuntime.Fleet.Api;
using NfRuntime.Fleet.Data;
using NfRuntime.Fleet.Distribution;
using NfRuntime.Fleet.Protocol;

namespace NfRuntime.Fleet.Control;

/// <summary>What the controller knows of a device. What came from the device is untrusted.</summary>
internal sealed class DeviceRecord(string name, long now)
{
    /// <summary>Generations stay below this, so that there is always a next one (and SQLite can hold it).</summary>
    public const ulong MaxGeneration = (ulong)long.MaxValue - 1;

    public string Name => name;

    /// <summary>Of <see cref="Desired"/>; 0: none was written yet.</summary>
    public ulong Generation { get; set; }

    /// <summary>The largest one that the device reported.</summary>
    public ulong Seen { get; set; }

    public DesiredDocument? Desired { get; set; }

    public bool Online { get; set; }

    /// <summary>Unix ms; 0: never.</summary>
    public long LastSeen { get; set; }

    public CapabilityDocument? Capabilities { get; set; }

    public StateDocument? State { get; set; }

    public long Malformed { get; set; }

    public string? MalformedLast { get; set; }

    /// <summary>By name and place: when the version came into its state.</summary>
    public Dictionary<string, SinceMark> Since { get; private set; } = [];

    public bool IsDirty { get; set; }

    /// <summary>Its desired document is to be published.</summary>
    public bool MustPublish { get; set; }

    public long PublishedAt { get; set; }

    /// <summary>What of it has come since the controller connected.</summary>
    public HeardReports Heard { get; } = new();

    public TokenBucket Allowance { get; } = new(now - 10_000);

    /// <summary>The newest document of each kind that waits for its turn.</summary>
    public Dictionary<TopicKind, (byte[] Payload, bool IsRetained)> Waiting { get; } = [];

    /// <summary>The generation that the next desired document gets.</summary>
    public ulong NextGeneration => Math.Max(Generation, Seen) + 1;

    public ReportedCapsule? Capsule(string capsule) => State?.Capsules.FirstOrDefault(c => c.Name == capsule);

    public DesiredCapsule? Wanted(string capsule) => Desired?.Capsules.FirstOrDefault(c => c.Name == capsule);

    public static DeviceRecord Of(DeviceRow row, long now) => new(row.Name, now)
    {
        Generation = (ulong)row.Generation,
        Seen = (ulong)row.Seen,
        Desired = row.Desired is { } desired ? DesiredDocument.Read(desired) : null,
        Online = row.Online,
        LastSeen = row.LastSeen,
        Capabilities = Stored(row.Cap, bytes => CapabilityDocument.Read(bytes)),
        State = Stored(row.State, bytes => StateDocument.Read(bytes)),
        Malformed = row.Malformed,
        MalformedLast = row.MalformedLast,
        Since = JsonSerializer.Deserialize(row.Since, ApiJson.Default.DictionaryStringSinceMark) ?? [],
    };

    // A report that this version refuses, and an earlier one took, is asked for again.
    private static T? Stored<T>(byte[]? bytes, Func<byte[], T> read)
        where T : class
    {
        try
        {
            return bytes is null ? null : read(bytes);
        }
        catch (ProtocolException)
        {
            return null;
        }
    }

    public DeviceRow ToRow() => new(
        name, (long)Generation, (long)Seen, Desired?.Write(), Online, LastSeen, Capabilities?.Write(), State?.Write(), Malformed, MalformedLast,
        JsonSerializer.Serialize(Since, ApiJson.Default.DictionaryStringSinceMark));
}
