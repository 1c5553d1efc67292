using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace NfRuntime.Images.Store;

/// <summary>Reads a store from flash. Whatever the bytes are, the result is a view; what breaks a rule is a problem in it.</summary>
public static class StoreReader
{
    /// <param name="image">The bytes.</param>
    /// <param name="verify">Hash every COMPLETE blob.</param>
    /// <param name="cancellation">Ends the hashing.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static StoreView Read(FlashImage image, bool verify, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(image);
        Journal journal = JournalReader.Read(image.JournalRegion, image.Geometry, image.Device);
        SortedDictionary<ushort, JournalRecord> live = Live(journal.Records);
        SortedDictionary<ushort, StoreRecord> slots = new(live.ToDictionary(pair => pair.Key, pair => RecordDecoder.Decode(pair.Value)));
        List<string> problems = [.. journal.Problems];
        problems.AddRange(slots.Where(pair => pair.Value is BrokenRecord).Select(pair => $"slot {pair.Key}: its {((BrokenRecord)pair.Value).Type.ToString().ToUpperInvariant()} record {((BrokenRecord)pair.Value).Rule}"));

        if (image.BlobRegion.Length < image.Geometry.BlobBytes)
        {
            problems.Add($"the file has {image.BlobRegion.Length:N0} of the blob region's {image.Geometry.BlobBytes:N0} bytes");
        }

        var references = References.Find(slots);
        problems.AddRange(references.Problems);
        var checker = new ExtentChecker(image, problems);
        StoredBlob[] blobs = [.. slots.Where(pair => pair.Value is BlobRecord).Select(pair => Describe(pair.Key, (BlobRecord)pair.Value, references))];
        Extent[] extents = [.. blobs.SelectMany(checker.Extents)];
        uint? frontier = journal.Records.Select(RecordDecoder.Frontier).LastOrDefault(value => value is not null);
        frontier = frontier == JournalFormat.NoOffset ? null : frontier;
        checker.Check(extents, frontier);
        if (verify)
        {
            blobs = [.. blobs.Select(blob => checker.Verify(blob, cancellation))];
        }

        return new StoreView(
            image, journal, slots.GetValueOrDefault((ushort)0) as SettingsRecord,
            [.. slots.Where(pair => pair.Value is NameRecord).Select(pair => new StoredName(pair.Key, (NameRecord)pair.Value))],
            blobs, frontier, SpaceMap.Build(image.Geometry, extents, frontier),
            live.Values.Sum(record => (long)record.Size(image.Geometry)), problems);
    }

    // The newest record of each slot; FREE empties it.
    internal static SortedDictionary<ushort, JournalRecord> Live(IReadOnlyList<JournalRecord> records)
    {
        SortedDictionary<ushort, JournalRecord> live = [];
        foreach (JournalRecord record in records.Where(record => record.Type is not (RecordType.Seal or RecordType.End)))
        {
            if (record.Type == RecordType.Free)
            {
                live.Remove(record.Slot);
            }
            else
            {
                live[record.Slot] = record;
            }
        }

        return live;
    }

    private static StoredBlob Describe(ushort slot, BlobRecord blob, References references)
    {
        IReadOnlyList<string> by = references.To(slot);
        SpaceKind kind = blob.State switch
        {
            BlobState.Bad => SpaceKind.Bad,
            BlobState.Writing => SpaceKind.Writing,
            _ => by.Count switch { 0 => SpaceKind.Garbage, 1 => SpaceKind.Used, _ => SpaceKind.Shared },
        };
        return new StoredBlob(slot, blob, kind, by, null);
    }
}
