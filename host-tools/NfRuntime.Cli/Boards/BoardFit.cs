using System;
using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Cli.Boards;

/// <summary>What is needed of something and what there is.</summary>
/// <param name="What">"flash", "journal", "arena", "state", "slice".</param>
/// <param name="Needed">Bytes; of the slice instructions.</param>
/// <param name="There">Bytes; of the slice instructions.</param>
internal sealed record Demand(string What, long Needed, long There)
{
    /// <summary>What is missing; 0 when it fits.</summary>
    public long Missing => Math.Max(0, Needed - There);
}

/// <summary>Whether a capsule's confirmed, candidate and previous version fit a board at the same time.</summary>
/// <param name="Capsule">The capsule.</param>
/// <param name="Demands">Each need; the slice's only where it is known.</param>
internal sealed record BoardFit(CapsuleSizes Capsule, IReadOnlyList<Demand> Demands)
{
    private const int Versions = 3;
    private const int VersionsInRam = 2; // the candidate is tested, or shadows, while the confirmed one keeps its state
    private const long KeyListBytes = 1024;
    private const int LeastGrain = 32;
    private const int LeastAlign = 8;
    private const long LargeBlock = 64 << 10;
    private const int HeaderBytes = 64;
    private const int RecordHeadBytes = 8;
    private const int SettingsBytes = 56;
    private const int BlobBytes = 56;
    private const int BitSetBytes = 64; // of a blob of 512 chunks that is being written
    private const int NameBytes = 8 + (Versions * 24) + 36 + 64;

    public bool Fits => Demands.All(demand => demand.Missing == 0);

    public static BoardFit Of(BoardFile board, CapsuleSizes capsule)
    {
        List<Demand> demands =
        [
            new("flash", FlashBytes(board.Blobs, capsule), board.Blobs.Bytes),
            new("journal", JournalBytes(board.Journal, capsule.Blobs.Count), JournalRoom(board.Journal)),
            new("arena", capsule.ArenaBytes, board.Capsules.ArenaBytes),
            new("state", VersionsInRam * capsule.StateBytes, board.Capsules.StateBytes),
        ];
        if (capsule.SliceInstructions is { } slice)
        {
            demands.Add(new Demand("slice", slice, board.Capsules.SliceInstructions));
        }

        return new BoardFit(capsule, demands);
    }

    /// <summary>
    /// Bytes of the blob region, whole blocks. Small blocks: each version takes blocks of its own, so that its place is whole again when
    /// it goes. Large ones: versions share blocks. One more block stays free: what lives is moved there from a block that is to be erased.
    /// </summary>
    private static long FlashBytes(StoreRegion region, CapsuleSizes capsule)
    {
        long grain = Math.Max(LeastGrain, region.UnitBytes);
        long version = capsule.Blobs.Sum(bytes => Up(bytes, grain));
        long keyList = Up(KeyListBytes, grain);
        return region.BlockBytes + (region.BlockBytes < LargeBlock
            ? (Versions * Up(version, region.BlockBytes)) + Up(keyList, region.BlockBytes)
            : Up((Versions * version) + keyList, region.BlockBytes));
    }

    /// <summary>Live records: settings, the key list's blob, the blobs of three versions (one of them being written), a name.</summary>
    private static long JournalBytes(StoreRegion journal, int blobs)
    {
        long align = Math.Max(LeastAlign, journal.UnitBytes);
        long Record(int content) => Up(RecordHeadBytes + content, align);
        int complete = 1 + (Versions * blobs) - 1;
        return Record(SettingsBytes) + (complete * Record(BlobBytes)) + Record(BlobBytes + BitSetBytes) + Record(NameBytes);
    }

    // firmware/store/SPEC.md section 3, Room.
    private static long JournalRoom(StoreRegion journal) => journal.Blocks / 2 * (journal.BlockBytes - HeaderBytes - 256) * 3 / 4;

    private static long Up(long bytes, long unit) => (bytes + unit - 1) / unit * unit;
}
