namespace NfRuntime.Native;

/// <summary>Figures of struct nfr_store_usage.</summary>
public sealed class StoreUsage
{
    public int Bytes { get; set; }

    public int Used { get; set; }

    public int Garbage { get; set; }

    public int Free { get; set; }

    /// <summary>Longest blob that can be begun now.</summary>
    public int Largest { get; set; }

    public int SlotsUsed { get; set; }

    public int Slots { get; set; }

    public bool WasDamaged { get; set; }
}

/// <summary>One place of a name's record.</summary>
public sealed class VersionRecord
{
    /// <summary>enum nfr_state; 0: nothing stands here.</summary>
    public int State { get; set; }

    /// <summary>enum nfr_reason.</summary>
    public int Reason { get; set; }

    public int Strikes { get; set; }

    public int Attempts { get; set; }

    public uint Counter { get; set; }

    /// <summary>SHA-256 of its manifest; zeros when the blob is gone.</summary>
    public byte[] Manifest { get; } = new byte[32];

    /// <summary>Whether its manifest and all attached sections are complete blobs.</summary>
    public bool IsComplete { get; set; }
}

/// <summary>A name's record (struct nfr_name).</summary>
public sealed class NameRecord
{
    public string Name { get; set; } = string.Empty;

    public int Failures { get; set; }

    public uint Floor { get; set; }

    public VersionRecord Confirmed { get; } = new VersionRecord();

    public VersionRecord Candidate { get; } = new VersionRecord();

    public VersionRecord Previous { get; } = new VersionRecord();

    /// <summary>By place (enum nfr_place): 0 confirmed, 1 candidate, 2 previous.</summary>
    public VersionRecord At(int place)
    {
        return place == 0 ? Confirmed : place == 1 ? Candidate : Previous;
    }

    /// <summary>SHA-256 of the manifest that was rejected last; RejectedReason 0: none.</summary>
    public byte[] RejectedManifest { get; } = new byte[32];

    public int RejectedReason { get; set; }

    public int RejectedDetail { get; set; }
}

/// <summary>Progress of a version that is opened or tested, and its first failure (struct nfr_native_report).</summary>
public sealed class VersionReport
{
    public int CaseCount { get; set; }

    public int CaseIndex { get; set; }

    /// <summary>Operator as the model's author counts; −1: the output itself.</summary>
    public int SourceOperator { get; set; }
}
