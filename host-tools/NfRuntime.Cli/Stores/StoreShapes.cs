using System;
using System.Linq;
using NfRuntime.Images.Store;

namespace NfRuntime.Cli.Stores;

/// <summary>A store as JSON.</summary>
internal static class StoreShapes
{
    public static StoreShape Of(StoreView view)
    {
        FlashGeometry geometry = view.Image.Geometry;
        return new StoreShape(
            view.Journal.Version,
            Device(view.Image.Device),
            new StoreGeometryShape(
                view.Image.JournalOffset, geometry.JournalBlockBytes, geometry.JournalBlocks, geometry.Align,
                view.Image.BlobOffset, geometry.BlobBlockBytes, geometry.BlobBlocks, geometry.Grain),
            Settings(view.Settings),
            Journal(view),
            [.. view.Names.Select(Name)],
            [.. view.Blobs.Select(Blob)],
            Space(view),
            view.Problems);
    }

    /// <summary>16 hex digits.</summary>
    public static string Device(ulong device) => device.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A state as one lower-case word.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static StoreSettingsShape? Settings(SettingsRecord? settings) => settings is null ? null : new(
        settings.KeyList, settings.KeyListVersion, settings.Generation, settings.KnownTime, settings.Epoch, settings.Firmware, settings.IsRestartPlanned);

    private static StoreJournalShape Journal(StoreView view) => new(
        view.Journal.Chain, view.LiveBytes, view.Image.Geometry.JournalRoom, view.Journal.Records.Count,
        view.Journal.LastRecordIsUnsealed, view.Journal.SnapshotHasOneSeal,
        [.. view.Journal.Blocks.Select(block => new StoreBlockShape(
            block.Index, Word(block.State), block.Header?.IsStart ?? false, block.Header?.Sequence, block.Header?.Version,
            block.Header is { } header ? Device(header.Device) : null, block.Records, block.UsedBytes))]);

    private static StoreNameShape Name(StoredName stored) => new(
        stored.Slot, stored.Name.Name, stored.Name.Floor, stored.Name.Failures,
        [.. stored.Name.Versions.OrderBy(pair => pair.Key).Select(pair => new StoreVersionShape(
            Word(pair.Key), StoreWords.Of(pair.Value.State), StoreWords.Of(pair.Value.Reason), pair.Value.Strikes, pair.Value.Attempts,
            pair.Value.Counter, pair.Value.Epoch, [.. pair.Value.Slots.Select(slot => (int?)slot)]))],
        stored.Name.Rejected is { } rejected ? new StoreRejectedShape(rejected.Manifest.ToString(), StoreWords.Of(rejected.Reason), rejected.Detail) : null);

    private static StoreBlobShape Blob(StoredBlob stored) => new(
        stored.Slot, stored.Blob.Digest.ToString(), stored.Blob.Offset, stored.Blob.Bytes, Word(stored.Blob.State), Word(stored.Kind), stored.Blob.Copy,
        stored.Blob.State == BlobState.Writing ? stored.Blob.Chunks : null,
        stored.Blob.State == BlobState.Writing ? stored.Blob.ChunksWritten : null,
        stored.Blob.Written, stored.References, stored.IsIntact);

    private static StoreSpaceShape Space(StoreView view)
    {
        SpaceMap space = view.Space;
        return new StoreSpaceShape(
            view.Image.Geometry.BlobBytes, space[SpaceKind.Used], space[SpaceKind.Shared], space[SpaceKind.Garbage], space[SpaceKind.Writing],
            space[SpaceKind.Copy], space[SpaceKind.Bad], space[SpaceKind.Stranded], space.FreeBytes, space.FreeBlocks, space[SpaceKind.Tail],
            view.Frontier, space.Largest, Math.Round(space.Fragmentation, 3),
            [.. space.Segments.Select(segment => new StoreSegmentShape(segment.Start, segment.Bytes, Word(segment.Kind)))]);
    }
}
