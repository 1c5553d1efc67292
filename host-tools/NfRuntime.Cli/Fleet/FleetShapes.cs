using System;
using System.Collections.Generic;
using System.Text.Json.Serialization;

namespace NfRuntime.Cli.Fleet;

/// <summary>A device as the controller knows it (host-tools/NfRuntime.Fleet/API.md).</summary>
internal sealed record FleetDevice
{
    public required string Device { get; init; }

    public bool Online { get; init; }

    public string? Target { get; init; }

    public string? Board { get; init; }

    public long? BootId { get; init; }

    /// <summary>Seconds since boot.</summary>
    public long? Uptime { get; init; }

    /// <summary>Of the desired document.</summary>
    public ulong Generation { get; init; }

    /// <summary>That the device has acted on.</summary>
    public ulong ObservedGeneration { get; init; }

    public DateTimeOffset? LastSeen { get; init; }

    public long? KeyListVersion { get; init; }

    public FleetStore? Store { get; init; }

    public long? ArenaBytes { get; init; }

    public FleetReceived? Received { get; init; }

    public IReadOnlyList<FleetCapsule> Capsules { get; init; } = [];

    public IReadOnlyList<FleetRefusal> Refusals { get; init; } = [];
}

/// <summary>A device's store; bytes.</summary>
internal sealed record FleetStore(long Bytes, long Used, long Garbage, long Free, long Largest, long SlotsUsed, long Slots);

/// <summary>What came over MQTT since boot.</summary>
internal sealed record FleetReceived(long Blocks, long Bytes, long Duplicates, long Bad);

/// <summary>A capsule on a device.</summary>
internal sealed record FleetCapsule
{
    public required string Name { get; init; }

    public IReadOnlyList<FleetVersion> Versions { get; init; } = [];

    public FleetRejection? Rejected { get; init; }

    public FleetProgress? Progress { get; init; }

    /// <summary>The place that serves: confirmed, candidate; null for none.</summary>
    public string? Serving { get; init; }

    /// <summary>Least security counter that is accepted.</summary>
    public long Floor { get; init; }
}

/// <summary>A version in one of the places confirmed, candidate, previous.</summary>
internal sealed record FleetVersion
{
    public required string Place { get; init; }

    public required string State { get; init; }

    public string? Version { get; init; }

    public long Counter { get; init; }

    public string? Manifest { get; init; }

    /// <summary>name:tag, when the controller knows it.</summary>
    public string? Image { get; init; }

    public long? Reason { get; init; }

    public string? Sentence { get; init; }

    public long Strikes { get; init; }

    public DateTimeOffset? Since { get; init; }
}

/// <summary>The last candidate that was rejected.</summary>
internal sealed record FleetRejection
{
    public string? Manifest { get; init; }

    public string? Version { get; init; }

    public string? Image { get; init; }

    public long? Reason { get; init; }

    public long? Detail { get; init; }

    public string? Sentence { get; init; }
}

/// <summary>Bytes of a fetch.</summary>
internal sealed record FleetProgress(long Here, long Total);

/// <summary>What a device refused before a byte of payload.</summary>
internal sealed record FleetRefusal
{
    public string? Name { get; init; }

    public string? Manifest { get; init; }

    public long? Reason { get; init; }

    public string? Sentence { get; init; }
}

/// <summary>POST /v1/deployments. What is null is left out.</summary>
internal sealed record DeploymentRequest
{
    public required string Image { get; init; }

    public IReadOnlyList<string>? To { get; init; }

    public bool? All { get; init; }

    public bool Shadow { get; init; }

    public required string Confirm { get; init; }

    public bool Retry { get; init; }
}

/// <summary>POST /v1/capsules/{name}/…. What is null is left out.</summary>
internal sealed record CapsuleRequest(IReadOnlyList<string>? To, bool? All);

/// <summary>What deploy, confirm, roll back and remove answer.</summary>
internal sealed record FleetDeployment
{
    public required string Id { get; init; }

    public string? Action { get; init; }

    public string? Capsule { get; init; }

    public string? Version { get; init; }

    public string? Image { get; init; }

    public IReadOnlyList<DeploymentDevice> Devices { get; init; } = [];
}

/// <summary>How far one device is.</summary>
internal sealed record DeploymentDevice
{
    public required string Device { get; init; }

    public ulong Generation { get; init; }

    /// <summary>pending, fetching, staged, testing, trial, confirmed, rejected, refused, done.</summary>
    public string State { get; init; } = "pending";

    public string? Sentence { get; init; }

    public string? Remedy { get; init; }

    public FleetProgress? Progress { get; init; }
}

/// <summary>GET /v1/devices/{device}/why.</summary>
internal sealed record FleetWhy
{
    public IReadOnlyList<string> Sentences { get; init; } = [];

    public string? Remedy { get; init; }
}

/// <summary>GET /v1/stats: the newest figures of one version on one device; microseconds.</summary>
internal sealed record FleetStats
{
    public required string Device { get; init; }

    public required string Capsule { get; init; }

    public string? Place { get; init; }

    public long Inferences { get; init; }

    public long Errors { get; init; }

    public long MeanUs { get; init; }

    public long P95Us { get; init; }

    public long MaxUs { get; init; }

    public long Strikes { get; init; }

    public long BlackoutUs { get; init; }

    /// <summary>Decisions by class.</summary>
    public IReadOnlyList<long> Classes { get; init; } = [];

    public long Compared { get; init; }

    public long Disagreements { get; init; }
}

/// <summary>POST /v1/claims. A null device: any name.</summary>
internal sealed record ClaimRequest(string? Device, int Minutes);

/// <summary>A claim: whoever has the token may enrol once, until it expires.</summary>
internal sealed record FleetClaim(string Token, DateTimeOffset Expires);

/// <summary>POST /v1/enrol; csr: base64 of the DER.</summary>
internal sealed record EnrolRequest(string Token, string Device, string Csr);

/// <summary>POST /v1/devices/{device}/rotate.</summary>
internal sealed record RotateRequest(string Csr);

/// <summary>What a device needs to connect; PEM.</summary>
internal sealed record FleetIdentity(string Certificate, string Ca, string Tenant, string Broker);

/// <summary>RFC 9457.</summary>
internal sealed record FleetProblem
{
    public string? Title { get; init; }

    public string? Detail { get; init; }

    public string? Code { get; init; }

    public string? Remedy { get; init; }
}

/// <summary>GET /v1/health.</summary>
internal sealed record FleetHealth
{
    public string? Status { get; init; }

    public string? Version { get; init; }

    /// <summary>Whether the controller is connected to the broker.</summary>
    public bool Broker { get; init; }
}

/// <summary>Data of a log event.</summary>
internal sealed record FleetLog
{
    public required string Device { get; init; }

    public DateTimeOffset? At { get; init; }

    public long BootId { get; init; }

    public long UptimeMs { get; init; }

    /// <summary>error, warning, info, detail.</summary>
    public string Level { get; init; } = "info";

    public long Event { get; init; }

    public string? Capsule { get; init; }

    public string Sentence { get; init; } = string.Empty;
}

/// <summary>The controller's JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FleetDevice[]))]
[JsonSerializable(typeof(FleetStats[]))]
[JsonSerializable(typeof(FleetWhy))]
[JsonSerializable(typeof(FleetLog))]
[JsonSerializable(typeof(FleetHealth))]
[JsonSerializable(typeof(FleetProblem))]
[JsonSerializable(typeof(FleetDeployment))]
[JsonSerializable(typeof(DeploymentRequest))]
[JsonSerializable(typeof(CapsuleRequest))]
[JsonSerializable(typeof(ClaimRequest))]
[JsonSerializable(typeof(FleetClaim))]
[JsonSerializable(typeof(EnrolRequest))]
[JsonSerializable(typeof(RotateRequest))]
[JsonSerializable(typeof(FleetIdentity))]
internal sealed partial class FleetShapes : JsonSerializerContext;
