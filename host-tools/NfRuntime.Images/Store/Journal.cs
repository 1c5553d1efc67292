using System.Collections.Generic;

namespace NfRuntime.Images.Store;

/// <summary>What a block of the journal is.</summary>
public enum JournalBlockState
{
    /// <summary>Its records count.</summary>
    Chain,

    /// <summary>Belongs to a snapshot that was cut short.</summary>
    Void,

    /// <summary>A block of ours that does not count any more.</summary>
    Stale,

    /// <summary>A header and nothing else: opened, or cut while it was opened.</summary>
    Opened,

    /// <summary>Of another device, or of other flash geometry.</summary>
    Foreign,

    /// <summary>A header that is damaged.</summary>
    Torn,

    /// <summary>Reads as 0xFF throughout.</summary>
    Erased,

    /// <summary>Something that is no block of a journal.</summary>
    Unknown,
}

/// <summary>A block of the journal.</summary>
/// <param name="Index">In the journal region.</param>
/// <param name="State">What it is.</param>
/// <param name="Header">Null when it has none that can be read.</param>
/// <param name="Records">Records that can be read, and of a block in the chain those that count.</param>
/// <param name="UsedBytes">From the block's start to the end of those records.</param>
public sealed record JournalBlock(int Index, JournalBlockState State, BlockHeader? Header, int Records, int UsedBytes);

/// <summary>The journal as firmware/store/SPEC.md sections 1 to 3 read it.</summary>
/// <param name="Geometry">Of the blocks that count.</param>
/// <param name="Device">Identity of the device.</param>
/// <param name="Version">Of the chain's last block; 0 when there is no chain.</param>
/// <param name="Blocks">All of the region.</param>
/// <param name="Chain">Indices of the blocks that count, oldest first.</param>
/// <param name="Records">Those that count, oldest first, the seals and END included.</param>
/// <param name="LastRecordIsUnsealed">The last record may be half-programmed: the next boot writes it again.</param>
/// <param name="SnapshotHasOneSeal">One more seal is needed before what the snapshot replaced may be erased.</param>
/// <param name="Problems">A sentence each.</param>
public sealed record Journal(
    FlashGeometry Geometry,
    ulong Device,
    byte Version,
    IReadOnlyList<JournalBlock> Blocks,
    IReadOnlyList<int> Chain,
    IReadOnlyList<JournalRecord> Records,
    bool LastRecordIsUnsealed,
    bool SnapshotHasOneSeal,
    IReadOnlyList<string> Problems);
