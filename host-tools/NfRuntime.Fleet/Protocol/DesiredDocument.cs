using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Images;

namespace NfRuntime.Fleet.Protocol;

/// <summary>The whole set of capsules that a device is to have: PROTOCOL.md §3.</summary>
/// <param name="Generation">1 … 2^63 − 1.</param>
/// <param name="Capsules">At most 8, names distinct.</param>
/// <param name="Registry"><c>https://host/v2/repository</c>, or null.</param>
/// <param name="Time">Unix seconds, a lower bound; or null.</param>
public sealed record DesiredDocument(ulong Generation, IReadOnlyList<DesiredCapsule> Capsules, string? Registry = null, ulong? Time = null)
{
    public const int MaxCapsules = 8;
    private const int MaxRegistry = 256;
    private const string What = "desired";

    /// <summary>Its bytes; what <see cref="Read"/> would refuse is refused here.</summary>
    /// <exception cref="ProtocolException">A value out of its range, or more than 8,192 bytes.</exception>
    public byte[] Write()
    {
        var cbor = new CborWriter();
        cbor.Map(3 + (Registry is null ? 0 : 1) + (Time is null ? 0 : 1)).Key(0).UInt(1).Key(1).UInt(Generation).Key(2).Array(Capsules.Count);
        foreach (DesiredCapsule capsule in Capsules)
        {
            capsule.Write(cbor);
        }

        if (Registry is not null)
        {
            cbor.Key(3).Text(Registry);
        }

        if (Time is { } time)
        {
            cbor.Key(4).UInt(time);
        }

        byte[] bytes = cbor.ToArray();
        _ = Read(bytes);
        return bytes;
    }

    /// <exception cref="ProtocolException">Refused.</exception>
    public static DesiredDocument Read(ReadOnlySpan<byte> bytes)
    {
        CborMap map = CborReader.ReadDocument(bytes, What);
        DesiredCapsule[] capsules = [.. map[2].Array("capsules", MaxCapsules).Select(DesiredCapsule.Read)];
        return capsules.DistinctBy(c => c.Name).Count() == capsules.Length
            ? new DesiredDocument(map[1].UInt("generation", long.MaxValue, 1), capsules, map.Find(3)?.Text("registry", MaxRegistry, 1), map.Find(4) is { } time ? (ulong)time.Int64("time") : null)
            : throw new ProtocolException(ProtocolError.Document, "a name stands twice");
    }
}

/// <summary>How a candidate is tried.</summary>
public enum DesiredMode
{
    Serve = 0,

    /// <summary>It gets the same input; its answers are only compared.</summary>
    Shadow = 1,
}

/// <summary>Who confirms a candidate.</summary>
public enum DesiredConfirm
{
    ByHand = 0,
    ByRules = 1,

    /// <summary>The operator has confirmed this manifest.</summary>
    Now = 2,
}

/// <summary>One capsule of a desired document.</summary>
/// <param name="Name">1 … 64 characters.</param>
/// <param name="Manifest">Digest of the capsule manifest for the device's target.</param>
/// <param name="ManifestBytes">80 … 1,024.</param>
/// <param name="Mode">Serve or shadow.</param>
/// <param name="Confirm">By whom.</param>
/// <param name="Retry">Generation in which the operator let it try again; 0: never.</param>
/// <param name="Rules">Null: the device's defaults.</param>
/// <param name="Deltas">At most 8.</param>
public sealed record DesiredCapsule(
    string Name, Digest Manifest, int ManifestBytes, DesiredMode Mode, DesiredConfirm Confirm, ulong Retry, DesiredRules? Rules, IReadOnlyList<DesiredDelta> Deltas)
{
    public const int MaxDeltas = 8;

    internal void Write(CborWriter cbor)
    {
        cbor.Map(5 + (Retry == 0 ? 0 : 1) + (Rules is null ? 0 : 1) + (Deltas.Count == 0 ? 0 : 1))
            .Key(1).Text(Name).Key(2).Bytes(Manifest.ToByteArray()).Key(3).UInt((ulong)ManifestBytes).Key(4).UInt((ulong)Mode).Key(5).UInt((ulong)Confirm);
        if (Retry != 0)
        {
            cbor.Key(6).UInt(Retry);
        }

        if (Rules is not null)
        {
            cbor.Key(7);
            Rules.Write(cbor);
        }

        if (Deltas.Count > 0)
        {
            cbor.Key(8).Array(Deltas.Count);
            foreach (DesiredDelta delta in Deltas)
            {
                cbor.Array(4).Bytes(delta.Base.ToByteArray()).Bytes(delta.Target.ToByteArray()).Bytes(delta.Delta.ToByteArray()).UInt((ulong)delta.DeltaBytes);
            }
        }
    }

    internal static DesiredCapsule Read(CborValue value)
    {
        CborMap map = value.Map("a capsule");
        return new DesiredCapsule(
            map[1].Text("name", 64, 1), Digest.FromBytes(map[2].Bytes("manifest", 32, 32)), map[3].Int32("manifest bytes", 1024, 80),
            (DesiredMode)map[4].Int32("mode", 1), (DesiredConfirm)map[5].Int32("confirm", 2), map.Find(6)?.UInt("retry") ?? 0,
            map.Find(7) is { } rules ? DesiredRules.Read(rules) : null,
            [.. (map.Find(8)?.Array("deltas", MaxDeltas) ?? []).Select(DesiredDelta.Read)]);
    }
}

/// <summary>A way to a section from one that the device holds.</summary>
/// <param name="Base">Digest of the section that it has.</param>
/// <param name="Target">Digest of the section that results.</param>
/// <param name="Delta">Digest of the delta blob.</param>
/// <param name="DeltaBytes">Its size, 1 … 16 MiB.</param>
public sealed record DesiredDelta(Digest Base, Digest Target, Digest Delta, int DeltaBytes)
{
    internal static DesiredDelta Read(CborValue value)
    {
        var items = value.Array("a delta", 4, 4);
        return new DesiredDelta(
            Digest.FromBytes(items[0].Bytes("base", 32, 32)), Digest.FromBytes(items[1].Bytes("target", 32, 32)), Digest.FromBytes(items[2].Bytes("delta", 32, 32)),
            items[3].Int32("delta bytes", BlockGeometry.MaxBlobBytes, 1));
    }
}

/// <summary>Rules of a trial; a null one is the device's default.</summary>
/// <param name="Inferences">That it needs.</param>
/// <param name="Seconds">That it lasts at least.</param>
/// <param name="ErrorsPerStrike">Errors that are one strike.</param>
/// <param name="ShadowPermille">Disagreements in 1,000 that reject it; 1,000: never.</param>
/// <param name="SilenceSeconds">Seconds without an inference that are inconclusive.</param>
public sealed record DesiredRules(uint? Inferences = null, uint? Seconds = null, uint? ErrorsPerStrike = null, uint? ShadowPermille = null, uint? SilenceSeconds = null)
{
    internal void Write(CborWriter cbor)
    {
        uint?[] values = [Inferences, Seconds, ErrorsPerStrike, ShadowPermille, SilenceSeconds];
        cbor.Map(values.Count(v => v is not null));
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] is { } value)
            {
                cbor.Key((ulong)i + 1).UInt(value);
            }
        }
    }

    internal static DesiredRules Read(CborValue value)
    {
        CborMap map = value.Map("rules");
        return new DesiredRules(
            Rule(map, 1), Rule(map, 2), Rule(map, 3, 1), Rule(map, 4, 0, 1000), Rule(map, 5));
    }

    private static uint? Rule(CborMap map, ulong key, int min = 0, int max = int.MaxValue) => (uint?)map.Find(key)?.Int32($"rule {key}", max, min);
}
