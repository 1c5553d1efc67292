using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Images;
using NfRuntime.Images.Store;

namespace NfRuntime.Fleet.Protocol;

/// <summary>What a device is and has: PROTOCOL.md §4.3. Untrusted in every field.</summary>
public sealed record StateDocument
{
    public required ulong ObservedGeneration { get; init; }

    public required uint BootId { get; init; }

    /// <summary>Seconds since boot.</summary>
    public required uint Uptime { get; init; }

    /// <summary>Unix seconds; 0: unknown.</summary>
    public required ulong KnownTime { get; init; }

    /// <summary>enum nfr_reset.</summary>
    public required uint ResetCause { get; init; }

    public required uint KeyListVersion { get; init; }

    public required IReadOnlyList<ReportedCapsule> Capsules { get; init; }

    public required IReadOnlyList<Refusal> Refusals { get; init; }

    public required StoreUse Store { get; init; }

    /// <summary>Documents that were refused since boot.</summary>
    public required RefusedDocuments RefusedDocuments { get; init; }

    public required ReceivedCounts Received { get; init; }

    public byte[] Write()
    {
        var cbor = new CborWriter();
        cbor.Map(12).Key(0).UInt(1).Key(1).UInt(ObservedGeneration).Key(2).UInt(BootId).Key(3).UInt(Uptime).Key(4).UInt(KnownTime).Key(5).UInt(ResetCause).Key(6).UInt(KeyListVersion);
        cbor.Key(7).Array(Capsules.Count);
        foreach (ReportedCapsule capsule in Capsules)
        {
            capsule.Write(cbor);
        }

        cbor.Key(8).Array(Refusals.Count);
        foreach (Refusal refusal in Refusals)
        {
            cbor.Array(4).Text(refusal.Name).Bytes(refusal.Manifest.ToByteArray()).UInt((ulong)refusal.Reason).Text(refusal.Sentence);
        }

        return cbor.Key(9).Array(7).UInt(Store.Bytes).UInt(Store.Used).UInt(Store.Garbage).UInt(Store.Free).UInt(Store.Largest).UInt(Store.SlotsUsed).UInt(Store.Slots)
            .Key(10).Array(3).UInt(RefusedDocuments.Count).UInt((ulong)RefusedDocuments.LastReason).UInt(RefusedDocuments.LastGeneration)
            .Key(11).Array(4).UInt(Received.Blocks).UInt(Received.Bytes).UInt(Received.Duplicates).UInt(Received.Bad).ToArray();
    }

    /// <exception cref="ProtocolException">Refused.</exception>
    public static StateDocument Read(ReadOnlySpan<byte> bytes)
    {
        CborMap map = CborReader.ReadDocument(bytes, "state");
        IReadOnlyList<CborValue> store = map[9].Array("store", 7, 7);
        IReadOnlyList<CborValue> refused = map[10].Array("refused documents", 3, 3);
        IReadOnlyList<CborValue> received = map[11].Array("received", 4, 4);
        ReportedCapsule[] capsules = [.. map[7].Array("capsules", ReportedCapsule.MaxCount).Select(ReportedCapsule.Read)];
        return new StateDocument
        {
            ObservedGeneration = map[1].UInt("generation"),
            BootId = map[2].UInt32("boot id"),
            Uptime = map[3].UInt32("uptime"),
            KnownTime = (ulong)map[4].Int64("time"),
            ResetCause = map[5].UInt32("reset cause"),
            KeyListVersion = map[6].UInt32("key list version"),
            Capsules = capsules.DistinctBy(c => c.Name).Count() == capsules.Length ? capsules : throw new ProtocolException(ProtocolError.Document, "a name stands twice"),
            Refusals = [.. map[8].Array("refusals", DesiredDocument.MaxCapsules).Select(ReadRefusal)],
            Store = new StoreUse(Size(store[0]), Size(store[1]), Size(store[2]), Size(store[3]), Size(store[4]), Size(store[5]), Size(store[6])),
            RefusedDocuments = new RefusedDocuments(refused[0].UInt32("count"), refused[1].Int32("reason", byte.MaxValue), refused[2].UInt("generation")),
            Received = new ReceivedCounts(Size(received[0]), Size(received[1]), Size(received[2]), Size(received[3])),
        };
    }

    private static Refusal ReadRefusal(CborValue value)
    {
        IReadOnlyList<CborValue> items = value.Array("a refusal", 4, 4);
        return new Refusal(items[0].Text("name", 64, 1), Digest.FromBytes(items[1].Bytes("manifest", 32, 32)), items[2].Int32("reason", byte.MaxValue), items[3].Text("sentence", 512));
    }

    private static ulong Size(CborValue value) => (ulong)value.Int64("a number");
}

/// <summary>A capsule of a device.</summary>
/// <param name="Name">1 … 64 bytes.</param>
/// <param name="Versions">At most one a place.</param>
/// <param name="Rejected">The last one that was rejected, or null.</param>
/// <param name="Progress">Bytes here and in all while something is fetched, or null.</param>
/// <param name="Serving">The place that serves, or null.</param>
/// <param name="Floor">Lowest security counter.</param>
public sealed record ReportedCapsule(
    string Name, IReadOnlyList<ReportedVersion> Versions, ReportedRejection? Rejected, (ulong Here, ulong Total)? Progress, VersionPlace? Serving, uint Floor)
{
    // A store may hold names that are about to be removed beside those of a full desired document.
    public const int MaxCount = 16;

    /// <summary>The version in <paramref name="place"/>, or null.</summary>
    public ReportedVersion? In(VersionPlace place) => Versions.FirstOrDefault(v => v.Place == place);

    internal void Write(CborWriter cbor)
    {
        cbor.Map(3 + (Rejected is null ? 0 : 1) + (Progress is null ? 0 : 1) + (Serving is null ? 0 : 1)).Key(1).Text(Name).Key(2).Array(Versions.Count);
        foreach (ReportedVersion v in Versions)
        {
            cbor.Array(8).UInt((ulong)v.Place).UInt((ulong)v.State).UInt(v.Counter).Bytes(v.Manifest.ToByteArray()).UInt((ulong)v.Reason).UInt((ulong)v.Attempts).UInt((ulong)v.Strikes).Text(v.Version);
        }

        if (Rejected is { } rejected)
        {
            cbor.Key(3).Array(3).Bytes(rejected.Manifest.ToByteArray()).UInt((ulong)rejected.Reason).UInt((ulong)rejected.Detail);
        }

        if (Progress is { } progress)
        {
            cbor.Key(4).Array(2).UInt(progress.Here).UInt(progress.Total);
        }

        if (Serving is { } serving)
        {
            cbor.Key(5).UInt((ulong)serving);
        }

        cbor.Key(6).UInt(Floor);
    }

    internal static ReportedCapsule Read(CborValue value)
    {
        CborMap map = value.Map("a capsule");
        ReportedVersion[] versions = [.. map[2].Array("versions", 3).Select(ReadVersion)];
        return new ReportedCapsule(
            map[1].Text("name", 64, 1),
            versions.DistinctBy(v => v.Place).Count() == versions.Length ? versions : throw new ProtocolException(ProtocolError.Document, "a place stands twice"),
            map.Find(3) is { } rejected ? ReadRejection(rejected) : null,
            map.Find(4) is { } progress ? ReadProgress(progress) : null,
            map.Find(5) is { } serving ? (VersionPlace)serving.Int32("serving place", 2) : null,
            map[6].UInt32("floor"));
    }

    private static ReportedVersion ReadVersion(CborValue value)
    {
        IReadOnlyList<CborValue> i = value.Array("a version", 8, 8);
        return new ReportedVersion(
            (VersionPlace)i[0].Int32("place", 2), (VersionState)i[1].Int32("state", 7, 1), i[2].UInt32("counter"), Digest.FromBytes(i[3].Bytes("manifest", 32, 32)),
            i[4].Int32("reason", byte.MaxValue), i[5].Int32("attempts", byte.MaxValue), i[6].Int32("strikes", byte.MaxValue), i[7].Text("version", 32));
    }

    private static ReportedRejection ReadRejection(CborValue value)
    {
        IReadOnlyList<CborValue> i = value.Array("rejected", 3, 3);
        return new ReportedRejection(Digest.FromBytes(i[0].Bytes("manifest", 32, 32)), i[1].Int32("reason", byte.MaxValue), i[2].Int32("detail", ushort.MaxValue));
    }

    private static (ulong Here, ulong Total) ReadProgress(CborValue value)
    {
        IReadOnlyList<CborValue> i = value.Array("progress", 2, 2);
        return ((ulong)i[0].Int64("bytes here"), (ulong)i[1].Int64("bytes in all"));
    }
}

/// <summary>A version in a place.</summary>
public sealed record ReportedVersion(VersionPlace Place, VersionState State, uint Counter, Digest Manifest, int Reason, int Attempts, int Strikes, string Version);

/// <summary>The last version of a name that was rejected.</summary>
public sealed record ReportedRejection(Digest Manifest, int Reason, int Detail);

/// <summary>An entry of the present generation that is not followed now; the sentence is untrusted text.</summary>
public sealed record Refusal(string Name, Digest Manifest, int Reason, string Sentence);

/// <summary>Bytes of a device's store; slots of its journal.</summary>
public sealed record StoreUse(ulong Bytes, ulong Used, ulong Garbage, ulong Free, ulong Largest, ulong SlotsUsed, ulong Slots);

/// <summary>Documents that a device refused since it started.</summary>
public sealed record RefusedDocuments(uint Count, int LastReason, ulong LastGeneration);

/// <summary>Block frames that a device saw since it started.</summary>
public sealed record ReceivedCounts(ulong Blocks, ulong Bytes, ulong Duplicates, ulong Bad);
