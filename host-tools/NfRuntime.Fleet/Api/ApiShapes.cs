using System;
using System.Collections.Generic;

namespace NfRuntime.Fleet.Api;

/// <summary>*device* of API.md.</summary>
public sealed record DeviceView
{
    public required string Device { get; init; }

    public required bool Online { get; init; }

    public string? Target { get; init; }

    public string? Board { get; init; }

    public long? BootId { get; init; }

    /// <summary>Seconds.</summary>
    public long? Uptime { get; init; }

    public required ulong Generation { get; init; }

    public required ulong ObservedGeneration { get; init; }

    public DateTimeOffset? LastSeen { get; init; }

    public long? KeyListVersion { get; init; }

    public StoreView? Store { get; init; }

    public long? ArenaBytes { get; init; }

    public ReceivedView? Received { get; init; }

    public required IReadOnlyList<CapsuleView> Capsules { get; init; }

    public required IReadOnlyList<RefusalView> Refusals { get; init; }

    /// <summary>Its documents that this controller refused, or null.</summary>
    public MalformedView? Malformed { get; init; }
}

public sealed record StoreView(ulong Bytes, ulong Used, ulong Garbage, ulong Free, ulong Largest, ulong SlotsUsed, ulong Slots);

public sealed record ReceivedView(ulong Blocks, ulong Bytes, ulong Duplicates, ulong Bad);

public sealed record MalformedView(long Count, string? Last);

public sealed record CapsuleView
{
    public required string Name { get; init; }

    public required IReadOnlyList<VersionView> Versions { get; init; }

    public RejectionView? Rejected { get; init; }

    public ProgressView? Progress { get; init; }

    public string? Serving { get; init; }

    public required long Floor { get; init; }
}

public sealed record VersionView
{
    public required string Place { get; init; }

    public required string State { get; init; }

    public required string Version { get; init; }

    public required long Counter { get; init; }

    public required string Manifest { get; init; }

    public string? Image { get; init; }

    /// <summary>Null: nothing speaks against it.</summary>
    public int? Reason { get; init; }

    public string? Sentence { get; init; }

    public required int Strikes { get; init; }

    public DateTimeOffset? Since { get; init; }
}

public sealed record RejectionView(string Manifest, string? Version, string? Image, int Reason, int Detail, string Sentence);

public sealed record ProgressView(ulong Here, ulong Total);

public sealed record RefusalView(string Name, string Manifest, int Reason, string Sentence);

/// <summary>*deployment* of API.md.</summary>
public sealed record DeploymentView(string Id, string Action, string Capsule, string? Version, string? Image, IReadOnlyList<DeploymentDeviceView> Devices);

public sealed record DeploymentDeviceView(string Device, ulong Generation, string State, string? Sentence = null, string? Remedy = null, ProgressView? Progress = null);

public sealed record WhyView(IReadOnlyList<string> Sentences, string? Remedy);

public sealed record StatsView(
    string Device, string Capsule, string Place, ulong Inferences, ulong Errors, ulong MeanUs, ulong P95Us, ulong MaxUs, int Strikes, ulong BlackoutUs,
    IReadOnlyList<ulong> Classes, ulong Compared, ulong Disagreements);

public sealed record DistributorView(string Distributor, DateTimeOffset Since, ulong? PublishedBytes, ulong? PublishedFrames, uint? Streams);

public sealed record HealthView(string Status, string Version, bool Broker);

public sealed record LogView(string Device, DateTimeOffset At, uint BootId, ulong UptimeMs, string Level, uint Event, string Capsule, string Sentence);

public sealed record ProgressEventView(string Device, string Capsule, ulong Here, ulong Total);

public sealed record OnlineView(string Device, bool Online, DateTimeOffset At);
