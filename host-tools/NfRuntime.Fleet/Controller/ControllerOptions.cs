using NfRuntime.Images.Signing;

namespace NfRuntime.Fleet.Control;

/// <summary>How a controller works.</summary>
public sealed record ControllerOptions
{
    public required string Tenant { get; init; }

    /// <summary>Folder in which deltas are laid down as <c>blobs/sha256/…</c>, for the distributors.</summary>
    public required string DeltaFolder { get; init; }

    /// <summary><c>https://host/v2/repository</c> that devices may fetch blobs from, or null.</summary>
    public string? Registry { get; init; }

    /// <summary>What a key list must be signed with; null: key lists are refused.</summary>
    public PublicKey? RootKey { get; init; }

    /// <summary>Devices that are remembered; documents of more are dropped.</summary>
    public int MaxDevices { get; init; } = 20_000;

    /// <summary>Events that are kept; of one device a quarter of that.</summary>
    public int MaxEvents { get; init; } = 20_000;

    /// <summary>Deployments that are kept, the newest ones, whether they have ended or not; what devices are to have does not depend on them.</summary>
    public int MaxDeployments { get; init; } = 1000;

    /// <summary>Bytes of the kept deployments' lists of devices.</summary>
    public long MaxDeploymentBytes { get; init; } = 64 << 20;

    /// <summary>Documents a second that are taken of one device (four times as many at once). Of online, cap and state the last one counts, however many come.</summary>
    public int DocumentsPerSecond { get; init; } = 10;

    /// <summary>Reports a second that the broker is asked for again, of all devices together.</summary>
    public int AsksPerSecond { get; init; } = 50;

    /// <summary>ms after which a desired document is published again to a device that still reports a lower generation.</summary>
    public long RepublishMs { get; init; } = 10_000;
}
