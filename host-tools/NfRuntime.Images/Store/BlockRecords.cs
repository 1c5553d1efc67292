using System;
using System.Collections.Generic;

namespace NfRuntime.Images.Store;

/// <summary>The records of one block, from its header on (firmware/store/SPEC.md section 3).</summary>
/// <param name="Records">Those that can be read, in their order.</param>
/// <param name="End">Behind the last of them.</param>
/// <param name="Damaged">Stretches that cannot be read and may have held a record. A single place may have held a seal that was cut, and behind END there may be several.</param>
internal sealed record BlockRecords(IReadOnlyList<JournalRecord> Records, int End, int Damaged)
{
    private const int LookAhead = 512; // bytes, in the last block

    /// <summary>Reads a block that is the last of its chain: up to where nothing can be read for 512 bytes.</summary>
    public static BlockRecords ReadAll(ReadOnlyMemory<byte> block, int index, BlockHeader header) => Read(block, index, header, block.Length, isLast: true);

    /// <summary>Reads up to <paramref name="end"/>, the `previous end` of the successor; what cannot be read is stepped over.</summary>
    public static BlockRecords ReadTo(ReadOnlyMemory<byte> block, int index, BlockHeader header, int end) => Read(block, index, header, end, isLast: false);

    private static BlockRecords Read(ReadOnlyMemory<byte> block, int index, BlockHeader header, int end, bool isLast)
    {
        List<JournalRecord> records = [];
        int damaged = 0;
        int at = JournalFormat.HeaderBytes;
        int sealsEnd = 0;
        while (Next(block, index, header, at, end, isLast) is { } record)
        {
            damaged += IsDamage(at, record.Offset, header, sealsEnd) ? 1 : 0;
            records.Add(record);
            at = record.Offset + record.Size(header.Geometry);
            sealsEnd = record.Type == RecordType.End ? at + (JournalFormat.SealPlaces * header.Geometry.Align) : sealsEnd;
        }

        damaged += !isLast && IsDamage(at, end, header, sealsEnd) ? 1 : 0;
        return new BlockRecords(records, at, damaged);
    }

    // The first record from a place on, at that place or at a later multiple of A.
    private static JournalRecord? Next(ReadOnlyMemory<byte> block, int index, BlockHeader header, int from, int end, bool isLast)
    {
        int limit = isLast ? Math.Min(end, from + LookAhead) : end;
        for (int at = from; at + JournalFormat.RecordHeadBytes <= limit; at += header.Geometry.Align)
        {
            if (JournalRecord.TryRead(block, index, at, header) is { } record)
            {
                return record;
            }
        }

        return null;
    }

    private static bool IsDamage(int from, int to, BlockHeader header, int sealsEnd) => to - from > header.Geometry.Align && to > sealsEnd;
}
