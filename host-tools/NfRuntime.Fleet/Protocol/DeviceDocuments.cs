using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Images;

namespace NfRuntime.Fleet.Protocol;

/// <summary>Whether a device is connected: PROTOCOL.md §4.1.</summary>
/// <param name="Online">False in the will.</param>
/// <param name="BootId">Random, of this boot; 0 in a will that is text.</param>
public sealed record OnlineDocument(bool Online, uint BootId)
{
    public byte[] Write() => new CborWriter().Map(3).Key(0).UInt(1).Key(1).Bool(Online).Key(2).UInt(BootId).ToArray();

    /// <exception cref="ProtocolException">Refused.</exception>
    public static OnlineDocument Read(ReadOnlySpan<byte> bytes)
    {
        // The will of a device whose MQTT library takes nothing but text for one.
        if (bytes.SequenceEqual("offline"u8))
        {
            return new OnlineDocument(false, 0);
        }

        CborMap map = CborReader.ReadDocument(bytes, "online");
        return new OnlineDocument(map[1].Bool("online"), map[2].UInt32("boot id"));
    }
}

/// <summary>What a device can do: PROTOCOL.md §4.2. Sizes in bytes.</summary>
public sealed record CapabilityDocument
{
    public required string Board { get; init; }

    public required string Target { get; init; }

    public required (ushort Major, ushort Minor) Abi { get; init; }

    public required (byte Major, byte Minor) Plan { get; init; }

    /// <summary>Bit set of weight layouts.</summary>
    public required uint Layouts { get; init; }

    /// <summary>128 bits, little-endian: kinds of plan operators.</summary>
    public required UInt128 Operators { get; init; }

    /// <summary>Bit set of capabilities that managed code may ask for.</summary>
    public required uint Capabilities { get; init; }

    public required uint ArenaBytes { get; init; }

    public required uint StateBytes { get; init; }

    public required uint StackBytes { get; init; }

    public required uint ManagedHeapBytes { get; init; }

    public required uint StoreBytes { get; init; }

    /// <summary>log2 of the largest block, 10 … 15.</summary>
    public required int LargestBlockLog2 { get; init; }

    public required ReadOnlyMemory<byte> Firmware { get; init; }

    public required string AgentVersion { get; init; }

    public required string Fence { get; init; }

    /// <summary>Bit 0 blocks, bit 1 HTTP Range, bit 2 delta.</summary>
    public required uint Sources { get; init; }

    public bool TakesDeltas => (Sources & 4) != 0;

    public byte[] Write() => new CborWriter().Map(18).Key(0).UInt(1).Key(1).Text(Board).Key(2).Text(Target)
        .Key(3).Array(2).UInt(Abi.Major).UInt(Abi.Minor).Key(4).Array(2).UInt(Plan.Major).UInt(Plan.Minor).Key(5).UInt(Layouts).Key(6).Bytes(OperatorBytes())
        .Key(7).UInt(Capabilities).Key(8).UInt(ArenaBytes).Key(9).UInt(StateBytes).Key(10).UInt(StackBytes).Key(11).UInt(ManagedHeapBytes).Key(12).UInt(StoreBytes)
        .Key(13).UInt((ulong)LargestBlockLog2).Key(14).Bytes(Firmware.Span).Key(15).Text(AgentVersion).Key(16).Text(Fence).Key(17).UInt(Sources).ToArray();

    /// <exception cref="ProtocolException">Refused.</exception>
    public static CapabilityDocument Read(ReadOnlySpan<byte> bytes)
    {
        CborMap map = CborReader.ReadDocument(bytes, "cap");
        IReadOnlyList<CborValue> abi = map[3].Array("abi", 2, 2);
        IReadOnlyList<CborValue> plan = map[4].Array("plan", 2, 2);
        return new CapabilityDocument
        {
            Board = map[1].Text("board", 64),
            Target = map[2].Text("target", 32, 1),
            Abi = ((ushort)abi[0].Int32("abi", ushort.MaxValue), (ushort)abi[1].Int32("abi", ushort.MaxValue)),
            Plan = ((byte)plan[0].Int32("plan", byte.MaxValue), (byte)plan[1].Int32("plan", byte.MaxValue)),
            Layouts = map[5].UInt32("layouts"),
            Operators = System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(map[6].Bytes("operators", 16, 16)),
            Capabilities = map[7].UInt32("capabilities"),
            ArenaBytes = map[8].UInt32("arena"),
            StateBytes = map[9].UInt32("state"),
            StackBytes = map[10].UInt32("stack"),
            ManagedHeapBytes = map[11].UInt32("managed heap"),
            StoreBytes = map[12].UInt32("store"),
            LargestBlockLog2 = map[13].Int32("largest block", BlockGeometry.MaxLog2, BlockGeometry.MinLog2),
            Firmware = map[14].Bytes("firmware", 16, 16),
            AgentVersion = map[15].Text("agent version", 32),
            Fence = map[16].Text("fence", 32),
            Sources = map[17].UInt32("sources"),
        };
    }

    private byte[] OperatorBytes()
    {
        byte[] bytes = new byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128LittleEndian(bytes, Operators);
        return bytes;
    }
}

/// <summary>Entries of a device's log: PROTOCOL.md §4.4.</summary>
/// <param name="BootId">Of the boot that they are of.</param>
/// <param name="Sequence">Of the document within the boot.</param>
/// <param name="Entries">At most 32.</param>
/// <param name="Lost">Entries that found no room.</param>
public sealed record LogDocument(uint BootId, uint Sequence, IReadOnlyList<LogEntry> Entries, uint Lost)
{
    private const int MaxEntries = 32;

    public byte[] Write()
    {
        var cbor = new CborWriter();
        cbor.Map(Lost == 0 ? 4 : 5).Key(0).UInt(1).Key(1).UInt(BootId).Key(2).UInt(Sequence).Key(3).Array(Entries.Count);
        foreach (LogEntry entry in Entries)
        {
            cbor.Array(5).UInt(entry.UptimeMs).UInt((ulong)entry.Level).UInt(entry.Event).Text(entry.Capsule).Text(entry.Sentence);
        }

        return (Lost == 0 ? cbor : cbor.Key(4).UInt(Lost)).ToArray();
    }

    /// <exception cref="ProtocolException">Refused.</exception>
    public static LogDocument Read(ReadOnlySpan<byte> bytes)
    {
        CborMap map = CborReader.ReadDocument(bytes, "log");
        return new LogDocument(map[1].UInt32("boot id"), map[2].UInt32("sequence"), [.. map[3].Array("entries", MaxEntries).Select(ReadEntry)], map.Find(4)?.UInt32("lost") ?? 0);
    }

    private static LogEntry ReadEntry(CborValue value)
    {
        IReadOnlyList<CborValue> items = value.Array("an entry", 5, 5);
        return new LogEntry((ulong)items[0].Int64("uptime"), items[1].Int32("level", 3), items[2].UInt32("event"), items[3].Text("capsule", 64), items[4].Text("sentence", 512));
    }
}

/// <summary>One entry of a log.</summary>
/// <param name="UptimeMs">Milliseconds since boot.</param>
/// <param name="Level">0 error … 3 detail.</param>
/// <param name="Event">Number.</param>
/// <param name="Capsule">Its name, or "".</param>
/// <param name="Sentence">Untrusted text.</param>
public sealed record LogEntry(ulong UptimeMs, int Level, uint Event, string Capsule, string Sentence);

/// <summary>Counters of what infers: PROTOCOL.md §4.5.</summary>
/// <param name="BootId">Of this boot.</param>
/// <param name="Uptime">Seconds.</param>
/// <param name="Capsules">One a version that infers.</param>
/// <param name="AllocatedBytes">Managed bytes allocated in the minute.</param>
public sealed record StatsDocument(uint BootId, uint Uptime, IReadOnlyList<CapsuleStats> Capsules, ulong AllocatedBytes)
{
    private const int MaxVersions = 24;

    public byte[] Write()
    {
        var cbor = new CborWriter();
        cbor.Map(5).Key(0).UInt(1).Key(1).UInt(BootId).Key(2).UInt(Uptime).Key(3).Array(Capsules.Count);
        foreach (CapsuleStats s in Capsules)
        {
            cbor.Array(12).Text(s.Name).UInt((ulong)s.Place).UInt(s.Inferences).UInt(s.Errors).UInt(s.MeanUs).UInt(s.P95Us).UInt(s.MaxUs).UInt((ulong)s.Strikes).Array(s.Classes.Count);
            foreach (ulong count in s.Classes)
            {
                cbor.UInt(count);
            }

            cbor.UInt(s.BlackoutUs).UInt(s.Disagreements).UInt(s.Compared);
        }

        return cbor.Key(4).UInt(AllocatedBytes).ToArray();
    }

    /// <exception cref="ProtocolException">Refused.</exception>
    public static StatsDocument Read(ReadOnlySpan<byte> bytes)
    {
        CborMap map = CborReader.ReadDocument(bytes, "stats");
        return new StatsDocument(map[1].UInt32("boot id"), map[2].UInt32("uptime"), [.. map[3].Array("capsules", MaxVersions).Select(ReadCapsule)], (ulong)map[4].Int64("allocated"));
    }

    private static CapsuleStats ReadCapsule(CborValue value)
    {
        IReadOnlyList<CborValue> i = value.Array("a capsule's numbers", 12, 12);
        return new CapsuleStats(
            i[0].Text("name", 64, 1), i[1].Int32("place", 2), Count(i[2]), Count(i[3]), Count(i[4]), Count(i[5]), Count(i[6]), i[7].Int32("strikes", 255),
            [.. i[8].Array("classes", 64).Select(Count)], Count(i[9]), Count(i[10]), Count(i[11]));
    }

    private static ulong Count(CborValue value) => (ulong)value.Int64("a number");
}

/// <summary>Counters of one version; times in µs.</summary>
public sealed record CapsuleStats(
    string Name, int Place, ulong Inferences, ulong Errors, ulong MeanUs, ulong P95Us, ulong MaxUs, int Strikes, IReadOnlyList<ulong> Classes, ulong BlackoutUs, ulong Disagreements, ulong Compared);

/// <summary>Which blocks of a blob a device lacks: PROTOCOL.md §5.1.</summary>
/// <param name="Blob">Its digest.</param>
/// <param name="Geometry">Sizes, valid.</param>
/// <param name="Missing">One bit a block, bit i mod 8 of byte i/8; empty: no longer wanted. Bits behind the last block are 0.</param>
/// <param name="Rate">Bytes a second that the device can take; 0: any.</param>
public sealed record WantDocument(Digest Blob, BlockGeometry Geometry, ReadOnlyMemory<byte> Missing, uint Rate)
{
    public byte[] Write()
    {
        CborWriter cbor = new CborWriter().Map(Rate == 0 ? 5 : 6).Key(0).UInt(1).Key(1).Bytes(Blob.ToByteArray()).Key(2).UInt((ulong)Geometry.Bytes)
            .Key(3).UInt((ulong)Geometry.Log2).Key(4).Bytes(Missing.Span);
        return (Rate == 0 ? cbor : cbor.Key(5).UInt(Rate)).ToArray();
    }

    /// <exception cref="ProtocolException">Refused.</exception>
    public static WantDocument Read(ReadOnlySpan<byte> bytes)
    {
        CborMap map = CborReader.ReadDocument(bytes, "want");
        var geometry = new BlockGeometry(map[2].Int32("bytes", BlockGeometry.MaxBlobBytes, 1), map[3].Int32("k", BlockGeometry.MaxLog2, BlockGeometry.MinLog2));
        byte[] missing = map[4].Bytes("bit map", BlockGeometry.MaxBlocks / 8);
        if (!geometry.IsValid || (missing.Length != 0 && missing.Length != geometry.MapBytes))
        {
            throw new ProtocolException(ProtocolError.Document, $"a want for {geometry.Bytes} bytes with k = {geometry.Log2} and {missing.Length} bytes of bit map");
        }

        int spare = (missing.Length * 8) - geometry.Blocks;
        if (missing.Length != 0 && (missing[^1] >> (8 - spare)) != 0)
        {
            throw new ProtocolException(ProtocolError.Document, "a want for blocks beyond the end");
        }

        return new WantDocument(Digest.FromBytes(map[1].Bytes("digest", 32, 32)), geometry, missing, map.Find(5)?.UInt32("rate") ?? 0);
    }
}

/// <summary>That a distributor is there: PROTOCOL.md §5.3.</summary>
/// <param name="Distributor">Its name.</param>
/// <param name="Start">Unix ms.</param>
/// <param name="Counts">What it has done since, or null.</param>
public sealed record PresenceDocument(string Distributor, ulong Start, PresenceCounts? Counts = null)
{
    public byte[] Write()
    {
        CborWriter cbor = new CborWriter().Map(Counts is null ? 3 : 6).Key(0).UInt(1).Key(1).Text(Distributor).Key(2).UInt(Start);
        return (Counts is { } counts ? cbor.Key(3).UInt(counts.Bytes).Key(4).UInt(counts.Frames).Key(5).UInt(counts.Streams) : cbor).ToArray();
    }

    /// <exception cref="ProtocolException">Refused.</exception>
    public static PresenceDocument Read(ReadOnlySpan<byte> bytes)
    {
        CborMap map = CborReader.ReadDocument(bytes, "presence");
        string name = map[1].Text("distributor", 32, 1);
        PresenceCounts? counts = map.Find(3) is { } published ? new PresenceCounts((ulong)published.Int64("bytes"), (ulong)map[4].Int64("frames"), map[5].UInt32("streams")) : null;
        return Topics.IsName(name)
            ? new PresenceDocument(name, map[2].UInt("start"), counts)
            : throw new ProtocolException(ProtocolError.Document, "a distributor's name is 1 to 32 of a-z, 0-9 and -");
    }
}

/// <summary>What a distributor has published since its start.</summary>
/// <param name="Bytes">Of block frames.</param>
/// <param name="Frames">Block frames.</param>
/// <param name="Streams">Blobs that are being served now.</param>
public sealed record PresenceCounts(ulong Bytes, ulong Frames, uint Streams);
