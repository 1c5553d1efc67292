using System.Collections.Generic;
using System.Text.Json.Serialization;

namespace NfRuntime.Cli.Devices;

/// <summary>
/// A line of the virtual device's answer: first the capsule with its self-test, then one line an input; or an error.
/// What a line is not about is null.
/// </summary>
internal sealed record DeviceLine
{
    public string? Capsule { get; init; }

    public bool? Verified { get; init; }

    /// <summary>"8/8".</summary>
    public string? SelfTest { get; init; }

    public string? Input { get; init; }

    public IReadOnlyList<DeviceResult> Results { get; init; } = [];

    /// <summary>The decided class; null when none was.</summary>
    public int? Decision { get; init; }

    /// <summary>From feed to result.</summary>
    public double? Microseconds { get; init; }

    public string? Error { get; init; }

    public string? Message { get; init; }
}

/// <summary>One class of a result, best first.</summary>
internal sealed record DeviceResult(int Index, string? Label, double Score);

/// <summary>The names that the device uses.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DeviceLine))]
internal sealed partial class DeviceShapes : JsonSerializerContext;
