using System;
using System.Linq;
using NfRuntime.Images.Store;
using Xunit;

namespace NfRuntime.Images.Tests.Store;

public class StoreReaderTests
{
    [Fact]
    public void A_store_is_read_as_it_was_written()
    {
        StoreView view = Read(SampleStore.Create().Bytes, verify: true);
        Assert.Empty(view.Problems);
        Assert.Equal(2, view.Journal.Version);
        Assert.Equal([0, 1], view.Journal.Chain);
        Assert.Equal(new SettingsRecord(1, 2, 3, 41, 1_750_000_000, "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf", false), view.Settings);
        Assert.Equal(["fashion", "keywords"], view.Names.Select(name => name.Name.Name));
        Assert.Equal([1, 2, 3, 4, 6, 7, 8, 9], view.Blobs.Select(blob => (int)blob.Slot));
        Assert.Equal(["Used", "Used", "Used", "Shared", "Used", "Garbage", "Bad", "Writing"], view.Blobs.Select(blob => $"{blob.Kind}"));
        Assert.Equal((6, 2), (view.Blobs[^1].Blob.Chunks, view.Blobs[^1].Blob.ChunksWritten));
        Assert.Equal(["vectors of fashion (confirmed)", "vectors of fashion (candidate)"], view.Blobs[3].References);
        Assert.All(view.Blobs.Where(blob => blob.Blob.State == BlobState.Complete), blob => Assert.True(blob.IsIntact));
        NameRecord fashion = view.Names[0].Name;
        Assert.Equal((VersionState.Fetching, 6u, (ushort)2), (fashion.Versions[VersionPlace.Candidate].State, fashion.Versions[VersionPlace.Candidate].Counter, fashion.Versions[VersionPlace.Candidate].Epoch));
        Assert.Equal((VersionReason.SelfTest, (ushort)3, (byte)2), (view.Names[1].Name.Rejected!.Reason, view.Names[1].Name.Rejected!.Detail, view.Names[1].Name.Failures));
    }

    [Fact]
    public void Space_adds_up()
    {
        StoreView view = Read(SampleStore.Create().Bytes);
        SpaceMap space = view.Space;
        Assert.Equal(13024u, view.Frontier);
        Assert.Equal(view.Image.Geometry.BlobBytes, space.Segments.Sum(segment => segment.Bytes));
        Assert.All(space.Segments.Zip(space.Segments.Skip(1)), pair => Assert.Equal(pair.First.Start + pair.First.Bytes, pair.Second.Start));
        Assert.Equal(320 + 704 + 9024 + 736, space[SpaceKind.Used]);
        Assert.Equal(2016, space[SpaceKind.Shared]);
        Assert.Equal(5024, space[SpaceKind.Garbage]);
        Assert.Equal(3008, space[SpaceKind.Writing]);
        Assert.Equal(4096, space[SpaceKind.Bad]);
        Assert.Equal(16384 - 13024, space[SpaceKind.Tail]);
        Assert.Equal(24, space.FreeBlocks);
        Assert.Equal(23 * 4096, space.Largest); // of blocks 8 to 31 one stays free; the tail lies before a used block
        Assert.Equal(32 * 4096 - space.FreeBytes - 320 - 704 - 9024 - 736 - 2016 - 5024 - 3008 - 4096, space[SpaceKind.Stranded]);
    }

    [Fact]
    public void The_tail_and_the_free_blocks_behind_it_are_one_run()
    {
        SpaceMap space = SpaceMap.Build(SampleStore.Small, [new Extent(1, 0, 5120, SpaceKind.Used)], 5120);
        Assert.Equal((31 * 4096 - 5120, 30, 0.0), (space.Largest, space.FreeBlocks, space.Fragmentation));
    }

    [Fact]
    public void One_block_stays_free()
    {
        Extent all = new(1, 0, 31 * 4096 - 64, SpaceKind.Used);
        Assert.Equal((64, 1), (SpaceMap.Build(SampleStore.Small, [all], 31 * 4096 - 64).Largest, SpaceMap.Build(SampleStore.Small, [all], null).FreeBlocks));
        Assert.Equal(0, SpaceMap.Build(SampleStore.Small, [all, new Extent(2, 31 * 4096, 31 * 4096 + 32, SpaceKind.Used)], 31 * 4096 - 64).Largest);
        SpaceMap split = SpaceMap.Build(SampleStore.Small, [new Extent(1, 16 * 4096, 16 * 4096 + 32, SpaceKind.Used)], null);
        Assert.Equal((16 * 4096, 0.467), (split.Largest, Math.Round(split.Fragmentation, 3))); // 16 and 15 blocks
    }

    [Fact]
    public void A_tail_with_an_extent_in_it_is_none()
    {
        SpaceMap space = SpaceMap.Build(SampleStore.Small, [new Extent(1, 0, 1024, SpaceKind.Used), new Extent(2, 2048, 2080, SpaceKind.Used)], 1024);
        Assert.Equal((30 * 4096, 31 * 4096, 0), (space.Largest, space.FreeBytes, space[SpaceKind.Tail]));
    }

    // SPEC section 5: what stood in a block before it failed may stay.
    [Fact]
    public void Extents_may_lie_in_a_bad_block()
    {
        FlashWriter flash = SampleStore.Create().Add(12, RecordType.Blob, StoreContents.Blob(new byte[32], 4096, 4096, BlobState.Bad, 13024)).Seal();
        StoreView view = Read(flash.Bytes, verify: true);
        Assert.Empty(view.Problems);
        Assert.Equal(4096, view.Space[SpaceKind.Bad]); // block 6; block 1 is full of the model
        Assert.Equal(9024 + 320 + 704 + 736, view.Space[SpaceKind.Used]);
        SpaceMap alone = SpaceMap.Build(SampleStore.Small, [new Extent(1, 0, 64, SpaceKind.Used), new Extent(2, 0, 4096, SpaceKind.Bad)], 64);
        Assert.Equal((64, 4032, 0), (alone[SpaceKind.Used], alone[SpaceKind.Bad], alone[SpaceKind.Tail]));
    }

    [Theory]
    [InlineData(8192u)]
    [InlineData(40_000u)]
    [InlineData(32 * 4096u)]
    public void A_frontier_elsewhere_names_no_tail(uint frontier)
    {
        FlashWriter flash = SampleStore.Create().Add(12, RecordType.Free, StoreContents.U32s(frontier)).Seal();
        StoreView view = Read(flash.Bytes);
        Assert.Empty(view.Problems);
        Assert.Equal((frontier, 0), (view.Frontier, view.Space[SpaceKind.Tail]));
    }

    [Fact]
    public void Version_1_is_read_by_its_own_layout()
    {
        var flash = new FlashWriter(SampleStore.Small) { Version = 1 };
        flash.Put(0, SampleStore.KeyList).Open(2, start: true)
            .Add(0, RecordType.Settings, StoreContents.SettingsV1(1))
            .Add(1, RecordType.Blob, StoreContents.Blob(SampleStore.KeyList, 0))
            .Add(2, RecordType.Name, StoreContents.Name("fashion", [(5, 0, [1])], isFirst: true))
            .End(3);
        StoreView view = Read(flash.Bytes, verify: true);
        Assert.Empty(view.Problems);
        Assert.Equal((1, 0ul, true), ((int)view.Journal.Version, view.Settings!.KnownTime, view.Settings.IsRestartPlanned));
        Assert.Equal((ushort)2, view.Names[0].Name.Versions[VersionPlace.Confirmed].Epoch);
    }

    [Theory]
    [InlineData(32, 256 << 10, 2, 4 << 20)]
    [InlineData(16, 4096, 32, 1 << 20)]
    [InlineData(8, 1024, 16, 64 << 10)]
    public void Any_geometry_is_found_by_its_headers(int align, int journalBlock, int journalBlocks, int blobBytes)
    {
        var geometry = new FlashGeometry((uint)journalBlock, journalBlocks, (byte)int.Log2(align), 5, (uint)blobBytes, (uint)Math.Max(4096, journalBlock / 2));
        FlashWriter flash = SampleStore.Snapshot(new FlashWriter(geometry));
        StoreView view = Read(flash.Bytes, verify: true);
        Assert.Equal(geometry, view.Image.Geometry);
        Assert.Equal(4, view.Blobs.Count);
        Assert.Empty(view.Problems);
    }

    [Fact]
    public void The_regions_of_a_dump_are_where_one_says()
    {
        FlashWriter flash = SampleStore.Create();
        int journal = (int)flash.Geometry.JournalBytes;
        byte[] dump = [.. new byte[5000], .. flash.Bytes[journal..], .. new byte[5000], .. flash.Bytes[..journal]];
        var places = new FlashPlaces(10_000 + flash.Geometry.BlobBytes, journal, 5000);
        Assert.Empty(StoreReader.Read(FlashImage.Open(dump, places), true, TestContext.Current.CancellationToken).Problems);
        Assert.Throws<FlashImageException>(() => FlashImage.Open(dump, places with { JournalBytes = 4096 }));
        Assert.Throws<FlashImageException>(() => FlashImage.Open(dump, places with { JournalOffset = 1 << 30 }));
        Assert.Throws<FlashImageException>(() => FlashImage.Open(dump, new FlashPlaces()));
    }

    [Fact]
    public void A_later_version_is_refused()
    {
        var flash = new FlashWriter(SampleStore.Small) { Version = 3 };
        flash.Open(0, start: true).End(0);
        Assert.Contains("version 3", Assert.Throws<FlashImageException>(() => FlashImage.Open(flash.Bytes, new FlashPlaces())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(70_000)]
    public void Without_a_journal_there_is_one_error(int bytes) =>
        Assert.Throws<FlashImageException>(() => FlashImage.Open(StoreContents.Data(bytes, 1), new FlashPlaces()));

    internal static StoreView Read(byte[] bytes, bool verify = false) => StoreReader.Read(FlashImage.Open(bytes, new FlashPlaces()), verify, TestContext.Current.CancellationToken);
}
