using System;
using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Images.Store;

/// <summary>A chain: its blocks with the records that count, oldest first.</summary>
internal sealed record JournalChain(IReadOnlyList<(int Block, BlockRecords Read)> Blocks)
{
    public IEnumerable<JournalRecord> Records => Blocks.SelectMany(block => block.Read.Records);
}

/// <summary>Finds the blocks that count (firmware/store/SPEC.md section 3).</summary>
/// <param name="headers">The header of each block of this device and geometry; null for the others.</param>
/// <param name="block">The bytes of a block.</param>
internal sealed class ChainResolver(IReadOnlyList<BlockHeader?> headers, Func<int, ReadOnlyMemory<byte>> block)
{
    private readonly HashSet<int> _void = [];
    private readonly List<int> _broken = [];

    /// <summary>Blocks of snapshots that were cut short.</summary>
    public IReadOnlySet<int> Void => _void;

    /// <summary>Blocks that would be newer than the chain, but the way back from them is broken.</summary>
    public IReadOnlyList<int> Broken => _broken;

    /// <summary>The chain; null when there is none.</summary>
    public JournalChain? Resolve()
    {
        IEnumerable<int> newestFirst = Enumerable.Range(0, headers.Count).Where(index => headers[index] is not null).OrderByDescending(index => headers[index]!.Sequence);
        foreach (int newest in newestFirst.Where(HasRecord))
        {
            int? last = newest;
            while (last is { } candidate && !_void.Contains(candidate))
            {
                if (WayBack(candidate) is not { } chain)
                {
                    _broken.Add(candidate);
                    break;
                }

                if (SnapshotCounts(chain))
                {
                    return chain;
                }

                _void.UnionWith(chain.Blocks.Select(part => part.Block));
                BlockHeader start = headers[chain.Blocks[0].Block]!;
                last = Predecessor(start) is not null ? start.PreviousBlock : null;
            }
        }

        return null;
    }

    private bool HasRecord(int index) =>
        JournalRecord.TryRead(block(index), index, JournalFormat.HeaderBytes, headers[index]!) is not null;

    // From a block to the nearest START before it; null when a step does not lead to the block that it names.
    private JournalChain? WayBack(int last)
    {
        List<(int, BlockRecords)> newestFirst = [(last, BlockRecords.ReadAll(block(last), last, headers[last]!))];
        BlockHeader header = headers[last]!;
        while (!header.IsStart)
        {
            if (newestFirst.Count > headers.Count || Predecessor(header) is not { } previous)
            {
                return null;
            }

            newestFirst.Add((header.PreviousBlock, previous));
            header = headers[header.PreviousBlock]!;
        }

        newestFirst.Reverse();
        return new JournalChain(newestFirst);
    }

    // The records of the block before, up to where the header says that they end; null when it is not the block that is meant.
    private BlockRecords? Predecessor(BlockHeader header)
    {
        BlockHeader? previous = header.PreviousBlock < headers.Count ? headers[header.PreviousBlock] : null;
        if (previous is null || previous.Sequence != header.PreviousSequence || previous.Sequence >= header.Sequence
            || header.PreviousEnd < JournalFormat.HeaderBytes || header.PreviousEnd > header.Geometry.JournalBlockBytes)
        {
            return null;
        }

        return BlockRecords.ReadTo(block(header.PreviousBlock), header.PreviousBlock, previous, header.PreviousEnd);
    }

    // END is valid, and something stands behind it or a later block follows.
    private static bool SnapshotCounts(JournalChain chain)
    {
        JournalRecord[] records = [.. chain.Records];
        int end = Array.FindIndex(records, record => record.Type == RecordType.End);
        int damaged = chain.Blocks.Sum(part => part.Read.Damaged);
        return end >= 0 && records[end].Content.Length == JournalFormat.EndBytes
            && SnapshotEnd.Count(records[end]) is { } count && count >= end && count <= end + damaged
            && (end + 1 < records.Length || records[end].Block != chain.Blocks[^1].Block);
    }
}
