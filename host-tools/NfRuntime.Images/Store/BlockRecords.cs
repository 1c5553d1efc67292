using System;
using System.Collections.Generic;

namespace NfRuntime.Images.Store;

/// <summary>The records of one block, from its header on.</summary>
/// <param name="Records">In their order.</param>
/// <param name="End">Offset of the first place that was not read.</param>
/// <param name="Damaged">Records that cannot be read before <paramref name="End"/>, seals that were programmed again not counted.</param>
internal sealed record BlockRecords(IReadOnlyList<JournalRecord> Records, int End, int Damaged)
{
    /// <summary>Reads as far as records can be read: the last block of a chain.</summary>
    public static BlockRecords ReadAll(ReadOnlyMemory<byte> block, int index, BlockHeader header)
    {
        List<JournalRecord> records = [];
        int at = JournalFormat.HeaderBytes;
        int sealsEnd = 0;
        while (true)
        {
            JournalRecord? record = JournalRecord.TryRead(block, index, at, header);
            if (record is null)
            {
                // Behind END a seal may stand behind places where programming one was cut.
                int next = NextSeal(block, index, header, at, sealsEnd);
                if (next < 0)
                {
                    return new BlockRecords(records, at, 0);
                }

                at = next;
                continue;
            }

            records.Add(record);
            at += record.Size(header.Geometry);
            sealsEnd = record.Type == RecordType.End ? at + (JournalFormat.SealPlaces * header.Geometry.Align) : sealsEnd;
        }
    }

    /// <summary>
    /// Reads up to <paramref name="end"/>, the `previous end` of the successor. What cannot be read before is damaged, and its length
    /// says where the next one begins; when that leads beyond the end, the rest is lost.
    /// </summary>
    public static BlockRecords ReadTo(ReadOnlyMemory<byte> block, int index, BlockHeader header, int end)
    {
        List<JournalRecord> records = [];
        int damaged = 0;
        int at = JournalFormat.HeaderBytes;
        int sealsEnd = 0;
        while (at < end)
        {
            JournalRecord? record = JournalRecord.TryRead(block, index, at, header);
            int size = record?.Size(header.Geometry) ?? JournalRecord.Size(block.Span[at + 3], header.Geometry);
            if (record is null && at < sealsEnd)
            {
                int next = NextSeal(block, index, header, at, Math.Min(sealsEnd, end));
                at = next < 0 ? Math.Min(end, sealsEnd) : next;
                continue;
            }

            if (at + size > end)
            {
                return new BlockRecords(records, at, damaged + 1);
            }

            if (record is null)
            {
                damaged++;
            }
            else
            {
                records.Add(record);
                sealsEnd = record.Type == RecordType.End ? at + size + (JournalFormat.SealPlaces * header.Geometry.Align) : sealsEnd;
            }

            at += size;
        }

        return new BlockRecords(records, at, damaged);
    }

    private static int NextSeal(ReadOnlyMemory<byte> block, int index, BlockHeader header, int from, int end)
    {
        for (int at = from + header.Geometry.Align; at < end; at += header.Geometry.Align)
        {
            if (JournalRecord.TryRead(block, index, at, header) is { Type: RecordType.Seal })
            {
                return at;
            }
        }

        return -1;
    }
}
