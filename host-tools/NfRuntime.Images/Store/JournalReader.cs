using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Images.Store;

/// <summary>Reads a journal region: any bytes give a journal, perhaps one without a chain.</summary>
internal static class JournalReader
{
    /// <param name="region">The journal region; what the file lacks of it counts as unreadable.</param>
    /// <param name="geometry">Of the store.</param>
    /// <param name="device">Of the store.</param>
    public static Journal Read(ReadOnlyMemory<byte> region, FlashGeometry geometry, ulong device)
    {
        ReadOnlyMemory<byte> Block(int index) => region.Slice(index * (int)geometry.JournalBlockBytes, (int)geometry.JournalBlockBytes);
        int whole = (int)Math.Min(geometry.JournalBlocks, region.Length / geometry.JournalBlockBytes);
        BlockHeader?[] all = [.. Enumerable.Range(0, whole).Select(index => BlockHeader.TryRead(Block(index).Span))];
        BlockHeader?[] ours = [.. all.Select(header => header is { IsPlain: true } && header.Device == device && header.Geometry == geometry ? header : null)];
        var resolver = new ChainResolver(ours, Block);
        JournalChain? chain = resolver.Resolve();
        JournalBlock[] blocks = [.. Enumerable.Range(0, whole).Select(index => Describe(Block(index), index, all[index], ours[index], chain, resolver))];
        JournalRecord[] records = chain is null ? [] : [.. chain.Records];
        List<string> problems = [];
        AddProblems(problems, resolver, chain, blocks, geometry);
        bool isUnsealed = records.Length > 0 && records[^1].Type is not RecordType.Seal;
        bool hasOneSeal = HasOneSeal(records, geometry);
        if (isUnsealed)
        {
            JournalRecord last = records[^1];
            problems.Add($"the last record ({last.Type.ToString().ToUpperInvariant()} of slot {last.Slot}, journal block {last.Block} at 0x{last.Offset:X}) has no seal: it may be half-programmed, and the next boot writes it again");
        }

        if (hasOneSeal)
        {
            problems.Add($"the snapshot that ends in journal block {records[^1].Block} counts by a single seal: the next boot makes sure of it");
        }

        return new Journal(
            geometry, device, chain is null ? (byte)0 : ours[chain.Blocks[^1].Block]!.Version, blocks,
            chain is null ? [] : [.. chain.Blocks.Select(part => part.Block)], records, isUnsealed, hasOneSeal, problems);
    }

    // Behind END seals stand in pairs of places; the second of a pair, or anything else that can be read, proves the snapshot.
    private static bool HasOneSeal(JournalRecord[] records, FlashGeometry geometry)
    {
        int end = Array.FindIndex(records, record => record.Type == RecordType.End);
        if (end < 0)
        {
            return false;
        }

        int first = records[end].Offset + records[end].Size(geometry);
        return records[(end + 1)..].All(record => record.Type == RecordType.Seal && record.Block == records[end].Block && (record.Offset - first) / geometry.Align % 2 == 0);
    }

    private static JournalBlock Describe(ReadOnlyMemory<byte> bytes, int index, BlockHeader? header, BlockHeader? ours, JournalChain? chain, ChainResolver resolver)
    {
        if (ours is null)
        {
            JournalBlockState state = header is not null ? JournalBlockState.Foreign
                : BlockHeader.HasMagic(bytes.Span) ? JournalBlockState.Torn
                : bytes.Span.ContainsAnyExcept((byte)0xFF) ? JournalBlockState.Unknown : JournalBlockState.Erased;
            return new JournalBlock(index, state, header, 0, 0);
        }

        if (chain?.Blocks.FirstOrDefault(part => part.Block == index).Read is { } counted)
        {
            return new JournalBlock(index, JournalBlockState.Chain, ours, counted.Records.Count, counted.End);
        }

        BlockRecords read = BlockRecords.ReadAll(bytes, index, ours);
        JournalBlockState other = resolver.Void.Contains(index) ? JournalBlockState.Void
            : read.Records.Count == 0 ? JournalBlockState.Opened : JournalBlockState.Stale;
        return new JournalBlock(index, other, ours, read.Records.Count, read.End);
    }

    private static void AddProblems(List<string> problems, ChainResolver resolver, JournalChain? chain, JournalBlock[] blocks, FlashGeometry geometry)
    {
        if (blocks.Length < geometry.JournalBlocks)
        {
            problems.Add($"the file ends in journal block {blocks.Length} of {geometry.JournalBlocks}");
        }

        if (chain is null)
        {
            problems.Add("no chain of records begins in this journal: the device would say that there is no store (EMPTY)");
        }

        JournalRecord[] snapshot = [.. (chain?.Records ?? []).TakeWhile(record => record.Type != RecordType.End)];
        if (chain?.Records.ElementAtOrDefault(snapshot.Length) is { Content.Length: >= 4 } end && BinaryPrimitives.ReadUInt32LittleEndian(end.Content.Span) is var count && count != snapshot.Length)
        {
            problems.Add($"the snapshot has {snapshot.Length} of its {count} records");
        }

        problems.AddRange(resolver.Broken.Select(index => $"journal block {index} has newer records (sequence {blocks[index].Header!.Sequence}), but the way back from it to a snapshot is broken: they do not count"));
        problems.AddRange(resolver.Void.Order().Select(index => $"journal block {index} belongs to a snapshot that was cut short: it does not count, and nothing is lost"));
        IEnumerable<(int Block, BlockRecords Read)> damaged = (chain?.Blocks ?? []).Where(part => part.Read.Damaged > 0);
        problems.AddRange(damaged.Select(part => $"journal block {part.Block} has {(part.Read.Damaged == 1 ? "a record" : $"{part.Read.Damaged} records")} that cannot be read: what was there is lost"));
        int foreign = blocks.Count(block => block.State == JournalBlockState.Foreign);
        if (foreign > 0)
        {
            problems.Add($"{foreign} of {blocks.Length} journal blocks are of another device or of other flash geometry");
        }
    }
}
