using System.Collections.Generic;
using System.Text.Json.Serialization;

namespace NfRuntime.Fleet.Api;

/// <summary>What an operator deploys, and to whom; unknown members are refused.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record DeploymentRequest
{
    public required string Image { get; init; }

    public IReadOnlyList<string>? To { get; init; }

    public bool? All { get; init; }

    public bool Shadow { get; init; }

    /// <summary>auto (the device's health rules) or manual.</summary>
    public string? Confirm { get; init; }

    public bool Retry { get; init; }

    public RulesRequest? Rules { get; init; }
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RulesRequest
{
    public uint? Inferences { get; init; }

    public uint? Seconds { get; init; }

    public uint? ErrorsPerStrike { get; init; }

    public uint? ShadowPermille { get; init; }

    public uint? SilenceSeconds { get; init; }
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CapsuleRequest
{
    public IReadOnlyList<string>? To { get; init; }

    public bool? All { get; init; }
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ClaimRequest
{
    /// <summary>The only device that may use the claim; null: any.</summary>
    public string? Device { get; init; }

    public int Minutes { get; init; } = 60;
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record EnrolRequest
{
    public required string Token { get; init; }

    public required string Device { get; init; }

    /// <summary>PKCS #10, DER, base64.</summary>
    public required string Csr { get; init; }
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RotateRequest
{
    /// <summary>PKCS #10, DER, base64.</summary>
    public required string Csr { get; init; }
}

/// <summary>A claim: whoever has the token may enrol once, until it expires.</summary>
public sealed record ClaimView(string Token, System.DateTimeOffset Expires);

/// <summary>What a device needs to connect; PEM.</summary>
public sealed record IdentityView(string Certificate, string Ca, string Tenant, string Broker);

/// <summary>An error: RFC 9457.</summary>
public sealed record ProblemView(string Type, string Title, int Status, string Detail, string Code, string? Remedy);

/// <summary>A device's part in a deployment, as it is stored.</summary>
internal sealed record DeploymentTarget(string Device, ulong Generation, string? Manifest, string? Refused = null, string? Remedy = null);

/// <summary>When a version came into its state.</summary>
internal sealed record SinceMark(string Manifest, int State, long At);

/// <summary>The JSON of the API.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = 16)]
[JsonSerializable(typeof(DeviceView))]
[JsonSerializable(typeof(IReadOnlyList<DeviceView>))]
[JsonSerializable(typeof(DeploymentView))]
[JsonSerializable(typeof(WhyView))]
[JsonSerializable(typeof(StatsView))]
[JsonSerializable(typeof(IReadOnlyList<StatsView>))]
[JsonSerializable(typeof(IReadOnlyList<DistributorView>))]
[JsonSerializable(typeof(HealthView))]
[JsonSerializable(typeof(LogView))]
[JsonSerializable(typeof(ProgressEventView))]
[JsonSerializable(typeof(OnlineView))]
[JsonSerializable(typeof(ProblemView))]
[JsonSerializable(typeof(DeploymentRequest))]
[JsonSerializable(typeof(CapsuleRequest))]
[JsonSerializable(typeof(ClaimRequest))]
[JsonSerializable(typeof(ClaimView))]
[JsonSerializable(typeof(EnrolRequest))]
[JsonSerializable(typeof(RotateRequest))]
[JsonSerializable(typeof(IdentityView))]
[JsonSerializable(typeof(IReadOnlyList<DeploymentTarget>))]
[JsonSerializable(typeof(Dictionary<string, SinceMark>))]
internal sealed partial class ApiJson : JsonSerializerContext;
