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
        foreach (int newest in Enumerable.Range(0, headers.Count).Where(index => headers[index] is not null)
            .OrderByDescending(index => headers[index]!.Sequence).ThenByDescending(index => index))
        {
            BlockRecords last = BlockRecords.ReadAll(block(newest), newest, headers[newest]!);
            if (last.Records.Count == 0)
            {
                continue;
            }

            if (WayBack(newest, last) is not { } chain)
            {
                _broken.Add(newest);
            }
            else if (SnapshotCounts(chain))
            {
                _void.ExceptWith(chain.Blocks.Select(part => part.Block));
                return chain;
            }
            else
            {
                _void.UnionWith(chain.Blocks.Select(part => part.Block));
            }
        }

        return null;
    }

    // From a block to the nearest START before it; null when a step does not lead to the block that it names.
    private JournalChain? WayBack(int newest, BlockRecords last)
    {
        List<(int, BlockRecords)> newestFirst = [(newest, last)];
        BlockHeader header = headers[newest]!;
        while (!header.IsStart)
        {
            if (Predecessor(header) is not { } previous)
            {
                return null;
            }

            newestFirst.Add((header.PreviousBlock, BlockRecords.ReadTo(block(header.PreviousBlock), header.PreviousBlock, previous, header.PreviousEnd)));
            header = previous;
        }

        newestFirst.Reverse();
        return new JournalChain(newestFirst);
    }

    // The header of the block before; null when it is not the block that is meant. Sequences fall: there is no circle.
    private BlockHeader? Predecessor(BlockHeader header)
    {
        BlockHeader? previous = header.PreviousBlock < headers.Count ? headers[header.PreviousBlock] : null;
        return previous is not null && previous.Sequence == header.PreviousSequence && previous.Sequence < header.Sequence
            && previous.Version == header.Version && header.PreviousEnd <= header.Geometry.JournalBlockBytes ? previous : null;
    }

    // END can be read, and something else stands behind it or a later block follows.
    private static bool SnapshotCounts(JournalChain chain)
    {
        JournalRecord[] fromEnd = [.. chain.Records.SkipWhile(record => record.Type != RecordType.End)];
        return fromEnd.Any(record => record.Type != RecordType.End || record.Block != chain.Blocks[^1].Block);
    }
}
