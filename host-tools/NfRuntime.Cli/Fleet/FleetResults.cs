using System.Collections.Generic;
using System.Text.Json.Serialization;

namespace NfRuntime.Cli.Fleet;

/// <summary>A version of a capsule on a device: a row of ps.</summary>
/// <param name="Device">The device.</param>
/// <param name="Online">Whether it is connected.</param>
/// <param name="Capsule">Name.</param>
/// <param name="Version">What the manifest calls it.</param>
/// <param name="Image">name:tag, when the controller knows it.</param>
/// <param name="State">confirmed, trial, …</param>
/// <param name="Serving">Whether it answers.</param>
/// <param name="Since">When it entered the state.</param>
/// <param name="Strikes">Of its trial.</param>
/// <param name="Progress">While it is fetched.</param>
/// <param name="Stats">The newest figures; null before the first.</param>
internal sealed record PsRow(
    string Device,
    bool Online,
    string Capsule,
    string? Version,
    string? Image,
    string State,
    bool Serving,
    System.DateTimeOffset? Since,
    long Strikes,
    FleetProgress? Progress,
    FleetStats? Stats);

/// <summary>device enroll --json without --out.</summary>
internal sealed record ClaimResult(string? Device, string Token, System.DateTimeOffset Expires, string Fleet);

/// <summary>device enroll and rotate with --out.</summary>
internal sealed record IdentityResult(string Device, string Tenant, string Broker, string? Key, string Certificate, string Ca);

/// <summary>device revoke and retire --json.</summary>
internal sealed record DeviceChange(string Device, string Done);

/// <summary>prune --json.</summary>
internal sealed record PruneResult(IReadOnlyList<string> Images, int Blobs, long Bytes, bool DryRun);

/// <summary>up --json.</summary>
internal sealed record UpResult(string Fleet, IReadOnlyList<string> Devices, string Folder);

/// <summary>down --json.</summary>
internal sealed record DownResult(IReadOnlyList<string> Ended);

/// <summary>Results as JSON: indented, camelCase.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(FleetDevice[]))]
[JsonSerializable(typeof(FleetStats[]))]
[JsonSerializable(typeof(FleetWhy))]
[JsonSerializable(typeof(FleetDeployment))]
[JsonSerializable(typeof(PsRow[]))]
[JsonSerializable(typeof(ClaimResult))]
[JsonSerializable(typeof(IdentityResult))]
[JsonSerializable(typeof(DeviceChange))]
[JsonSerializable(typeof(PruneResult))]
[JsonSerializable(typeof(UpResult))]
[JsonSerializable(typeof(DownResult))]
internal sealed partial class FleetResults : JsonSerializerContext;
