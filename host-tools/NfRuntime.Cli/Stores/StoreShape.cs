using System.Collections.Generic;

namespace NfRuntime.Cli.Stores;

/// <summary>store inspect --json. Offsets of blocks are in the file, offsets of extents in the blob region.</summary>
internal sealed record StoreShape(
    int Version,
    string Device,
    StoreGeometryShape Geometry,
    StoreSettingsShape? Settings,
    StoreJournalShape Journal,
    IReadOnlyList<StoreNameShape> Names,
    IReadOnlyList<StoreBlobShape> Blobs,
    StoreSpaceShape Space,
    IReadOnlyList<string> Problems);

/// <summary>Sizes and places of the two regions.</summary>
internal sealed record StoreGeometryShape(
    long JournalOffset, uint JournalBlockBytes, int JournalBlocks, int Align, long BlobOffset, uint BlobBlockBytes, int BlobBlocks, int Grain);

/// <summary>Slot 0.</summary>
internal sealed record StoreSettingsShape(
    int? KeyListSlot, uint KeyListVersion, ulong Generation, ulong KnownTime, int Epoch, string Firmware, bool RestartPlanned);

/// <summary>The journal.</summary>
internal sealed record StoreJournalShape(
    IReadOnlyList<int> Chain, long LiveBytes, long RoomBytes, int Records, bool LastRecordUnsealed, bool SnapshotHasOneSeal, IReadOnlyList<StoreBlockShape> Blocks);

/// <summary>A block of the journal.</summary>
internal sealed record StoreBlockShape(int Index, string State, bool Start, uint? Sequence, int? Version, string? Device, int Records, int UsedBytes);

/// <summary>A name and its versions.</summary>
internal sealed record StoreNameShape(
    int Slot, string Name, uint Floor, int Failures, IReadOnlyList<StoreVersionShape> Versions, StoreRejectedShape? Rejected);

/// <summary>A version of a name; slots are the manifest's and the sections' by kind.</summary>
internal sealed record StoreVersionShape(
    string Place, string State, string Reason, int Strikes, int Attempts, uint Counter, int Epoch, IReadOnlyList<int?> Slots);

/// <summary>The candidate that was rejected last.</summary>
internal sealed record StoreRejectedShape(string Manifest, string Reason, int Detail);

/// <summary>A blob.</summary>
internal sealed record StoreBlobShape(
    int Slot, string Digest, uint Offset, uint Bytes, string State, string Kind, uint? Copy, int? Chunks, int? ChunksWritten, uint Written, IReadOnlyList<string> ReferredBy, bool? Intact);

/// <summary>The blob region, bytes.</summary>
internal sealed record StoreSpaceShape(
    long Bytes,
    long Used,
    long Shared,
    long Garbage,
    long Writing,
    long Copy,
    long Bad,
    long Stranded,
    long Free,
    int FreeBlocks,
    long CleanTail,
    uint? Frontier,
    long LargestExtent,
    double Fragmentation,
    IReadOnlyList<StoreSegmentShape> Map);

/// <summary>A stretch of the blob region.</summary>
internal sealed record StoreSegmentShape(long Offset, long Bytes, string Kind);
