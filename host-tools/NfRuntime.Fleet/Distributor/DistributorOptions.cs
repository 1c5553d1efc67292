namespace NfRuntime.Fleet.Distribution;

/// <summary>How a distributor works. Rates in bytes of payload a second, times in ms.</summary>
public sealed record DistributorOptions
{
    public required string Tenant { get; init; }

    /// <summary>Its name: 1 … 32 of <c>[a-z0-9-]</c>, another one for each distributor of a tenant.</summary>
    public required string Name { get; init; }

    /// <summary>All streams together.</summary>
    public long TotalRate { get; init; } = 4 << 20;

    /// <summary>One stream at most.</summary>
    public long StreamRate { get; init; } = 1 << 20;

    /// <summary>No wanter can make a stream slower than this.</summary>
    public long FloorRate { get; init; } = 8 << 10;

    /// <summary>From the first want to the first frame.</summary>
    public long GatherMs { get; init; } = 200;

    /// <summary>Gathering goes on while wants come more often than this …</summary>
    public long QuietMs { get; init; } = 100;

    /// <summary>… but no longer than this.</summary>
    public long GatherMaxMs { get; init; } = 1000;

    /// <summary>A pass is held back no longer than this for devices that are expected: that have not spoken since the last pass, or that still
    /// lack a blob from which others came to this one.</summary>
    public long HoldMaxMs { get; init; } = 15_000;

    /// <summary>A stream that nobody wanted for this long is forgotten.</summary>
    public long IdleMs { get; init; } = 30_000;

    /// <summary>Blobs that are served at the same time; wants for more are dropped (and come again).</summary>
    public int MaxStreams { get; init; } = 64;

    /// <summary>Bytes of blobs that are held in memory.</summary>
    public long MaxHeldBytes { get; init; } = 128 << 20;

    /// <summary>Wants that are taken of one device: so many at once, and so many a second.</summary>
    public int WantsPerSecond { get; init; } = 20;
}
