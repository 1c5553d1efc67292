namespace NfRuntime.Agent.Telemetry;

/// <summary>Figures of a device since it started (PROTOCOL.md §4.3).</summary>
public sealed class DeviceReport
{
    /// <summary>Of the desired document that the device has taken.</summary>
    public ulong Generation { get; set; }

    /// <summary>Random, another one with each start.</summary>
    public uint BootId { get; set; }

    public long UptimeSeconds { get; set; }

    /// <summary>Unix seconds, a lower bound; 0: unknown.</summary>
    public long KnownTime { get; set; }

    /// <summary>enum nfr_reset.</summary>
    public int ResetCause { get; set; }

    public int KeyListVersion { get; set; }

    public int RefusedDocuments { get; set; }

    public int RefusedReason { get; set; }

    public ulong RefusedGeneration { get; set; }

    /// <summary>Blocks that were written.</summary>
    public int Blocks { get; set; }

    public long BlockBytes { get; set; }

    public int Duplicates { get; set; }

    public int BadFrames { get; set; }
}
