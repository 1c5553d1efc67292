using System;
using System.Linq;
using NfRuntime.Images.Store;
using Xunit;

namespace NfRuntime.Images.Tests.Store;

/// <summary>Which blocks and records count (firmware/store/SPEC.md section 3).</summary>
public class JournalChainTests
{
    [Fact]
    public void The_newest_record_of_a_slot_wins_over_blocks()
    {
        FlashWriter flash = Base().Open(1).Add(0, RecordType.Settings, StoreContents.Settings(FlashWriter.None, generation: 7)).Seal()
            .Open(2).Add(0, RecordType.Settings, StoreContents.Settings(FlashWriter.None, generation: 8)).Seal();
        Assert.Equal((8ul, "0 1 2"), Read(flash));
    }

    [Fact]
    public void A_block_with_nothing_but_a_header_does_not_count()
    {
        FlashWriter flash = Base().Open(1);
        Assert.Equal((1ul, "0"), Read(flash));
        Assert.Equal(JournalBlockState.Opened, State(flash, 1));
    }

    [Fact]
    public void What_stands_behind_previous_end_does_not_count()
    {
        FlashWriter flash = Base().Open(1).Add(0, RecordType.Settings, StoreContents.Settings(FlashWriter.None, generation: 9), counts: false)
            .Open(2).Add(12, RecordType.Free, StoreContents.U32s(0)).Seal();
        Assert.Equal((1ul, "0 1 2"), Read(flash));
    }

    [Fact]
    public void A_last_record_without_seal_counts_and_is_named()
    {
        FlashWriter flash = Base().Open(1).Add(0, RecordType.Settings, StoreContents.Settings(FlashWriter.None, generation: 9));
        Assert.Equal((9ul, "0 1"), Read(flash));
        StoreView view = StoreReaderTests.Read(flash.Bytes);
        Assert.True(view.Journal.LastRecordIsUnsealed);
        Assert.Contains(view.Problems, problem => problem.StartsWith("the last record (SETTINGS of slot 0, journal block 1 at 0x40) has no seal", StringComparison.Ordinal));
    }

    [Fact]
    public void A_torn_last_record_is_not_there()
    {
        FlashWriter flash = Base().Open(1).Add(0, RecordType.Settings, StoreContents.Settings(FlashWriter.None, generation: 8)).Seal()
            .Add(0, RecordType.Settings, StoreContents.Settings(FlashWriter.None, generation: 9));
        flash.Bytes[flash.LastRecord + 20] ^= 0x10;
        Assert.Equal((8ul, "0 1"), Read(flash));
        Assert.Empty(StoreReaderTests.Read(flash.Bytes).Problems);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    public void A_snapshot_counts_from_its_first_seal_on(int seals, bool counts)
    {
        FlashWriter flash = Base().Open(2, start: true).Add(0, RecordType.Settings, StoreContents.Settings(FlashWriter.None, generation: 5)).End(1, seals: seals);
        Assert.Equal(counts ? (5ul, "2") : (1ul, "0"), Read(flash));
        Assert.Equal(counts ? JournalBlockState.Chain : JournalBlockState.Void, State(flash, 2));
        Assert.Equal(counts ? JournalBlockState.Stale : JournalBlockState.Chain, State(flash, 0));
        Assert.Equal(seals == 1, StoreReaderTests.Read(flash.Bytes).Journal.SnapshotHasOneSeal);
    }

    [Fact]
    public void A_snapshot_whose_count_is_wrong_counts_and_is_named()
    {
        FlashWriter flash = Base().Open(2, start: true).Add(0, RecordType.Settings, StoreContents.Settings(FlashWriter.None, generation: 5)).End(2);
        Assert.Equal((5ul, "2"), Read(flash));
        Assert.Equal(["the snapshot has 1 of its 2 records"], StoreReaderTests.Read(flash.Bytes).Problems);
    }

    [Fact]
    public void A_snapshot_may_take_two_blocks()
    {
        FlashWriter flash = Base().Open(2, start: true).Add(0, RecordType.Settings, StoreContents.Settings(FlashWriter.None, generation: 5));
        Assert.Equal((1ul, "0"), Read(flash));
        flash.Open(3);
        Assert.Equal((1ul, "0"), Read(flash));
        flash.End(1);
        Assert.Equal((5ul, "2 3"), Read(flash));
    }

    [Fact]
    public void After_a_void_snapshot_the_next_lower_sequence_is_tried()
    {
        // Block 1 was written in a boot before and could not be read in the boot that began the snapshot behind block 0.
        FlashWriter flash = Base();
        FlashWriter other = Base().Open(1).Add(0, RecordType.Settings, StoreContents.Settings(FlashWriter.None, generation: 9));
        flash.Sequence = 3;
        flash.Open(2, start: true).Add(0, RecordType.Settings, StoreContents.Settings(FlashWriter.None, generation: 5));
        other.Block(1).CopyTo(flash.Block(1));
        Assert.Equal((9ul, "0 1"), Read(flash));
        Assert.Equal(JournalBlockState.Void, State(flash, 2));
        flash.Block(1).Fill(0xFF);
        Assert.Equal((1ul, "0"), Read(flash));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(56, true)]
    [InlineData(64, false)]
    public void What_cannot_be_read_in_the_last_block_is_stepped_over(int places, bool isFound)
    {
        FlashWriter flash = Base();
        for (int i = 0; i < places; i++)
        {
            flash.Hole();
        }

        flash.Add(0, RecordType.Settings, StoreContents.Settings(FlashWriter.None, generation: 9)).Seal();
        Assert.Equal((isFound ? 9ul : 1ul, "0"), Read(flash));
    }

    [Fact]
    public void Headers_with_unknown_flags_are_not_ours()
    {
        FlashWriter flash = Base().Open(1).Add(0, RecordType.Settings, StoreContents.Settings(FlashWriter.None, generation: 8)).Seal();
        flash.Flags = 2;
        flash.Open(2).Add(0, RecordType.Settings, StoreContents.Settings(FlashWriter.None, generation: 9)).Seal();
        Assert.Equal((8ul, "0 1"), Read(flash));
        Assert.Equal(JournalBlockState.Foreign, State(flash, 2));
    }

    [Fact]
    public void A_block_whose_way_back_is_broken_does_not_count()
    {
        FlashWriter flash = Base().Open(1).Add(0, RecordType.Settings, StoreContents.Settings(FlashWriter.None, generation: 8)).Seal();
        FlashWriter later = Base();
        later.Sequence = 7;
        later.Open(1).Add(0, RecordType.Settings, StoreContents.Settings(FlashWriter.None, generation: 9)).Seal().Open(2).Add(0, RecordType.Settings, StoreContents.Settings(FlashWriter.None, generation: 10)).Seal();
        later.Block(2).CopyTo(flash.Block(2));
        Assert.Equal((8ul, "0 1"), Read(flash));
        Assert.Contains(StoreReaderTests.Read(flash.Bytes).Problems, problem => problem.StartsWith("journal block 2 has newer records (sequence 8)", StringComparison.Ordinal));
    }

    [Fact]
    public void Places_that_cannot_be_read_between_seals_are_no_damage()
    {
        FlashWriter flash = new(SampleStore.Small);
        flash.Open(0, start: true).Add(0, RecordType.Settings, StoreContents.Settings(FlashWriter.None, generation: 5)).End(1, seals: 0).Hole().Hole().Seal().Hole();
        Assert.True(StoreReaderTests.Read(flash.Bytes).Journal.SnapshotHasOneSeal);
        flash.Hole().Seal();
        Assert.Equal((5ul, "0"), Read(flash));
        Assert.Empty(StoreReaderTests.Read(flash.Bytes).Problems);
        flash.Open(1).Add(0, RecordType.Settings, StoreContents.Settings(FlashWriter.None, generation: 6)).Seal();
        Assert.Equal((6ul, "0 1"), Read(flash));
        Assert.Empty(StoreReaderTests.Read(flash.Bytes).Problems);
    }

    [Fact]
    public void A_damaged_record_inside_the_chain_is_named_and_what_follows_counts()
    {
        FlashWriter flash = SampleStore.Create();
        flash.Open(2).Add(12, RecordType.Free, StoreContents.U32s(13024)).Seal();
        flash.Block(1)[64 + 20] ^= 0xFF; // the manifest of the candidate
        StoreView view = StoreReaderTests.Read(flash.Bytes);
        Assert.Equal([0, 1, 2], view.Journal.Chain);
        Assert.Contains("journal block 1 has a record that cannot be read: what was there is lost", view.Problems);
        Assert.Contains("the reference \"manifest of fashion (candidate)\" leads nowhere: slot 6 is empty", view.Problems);
        Assert.Equal(7, view.Blobs.Count);
    }

    [Fact]
    public void Blocks_of_another_device_are_foreign_and_torn_ones_torn()
    {
        FlashWriter flash = SampleStore.Create();
        new FlashWriter(SampleStore.Small, device: 1).Open(2, start: true).End(0).Block(2).CopyTo(flash.Block(2));
        SampleStore.Create().Open(3).Block(3).CopyTo(flash.Block(3));
        flash.Block(3)[30] ^= 1;
        StoreView view = StoreReaderTests.Read(flash.Bytes);
        Assert.Equal([JournalBlockState.Chain, JournalBlockState.Chain, JournalBlockState.Foreign, JournalBlockState.Torn], view.Journal.Blocks.Select(block => block.State));
        Assert.Equal(["1 of 4 journal blocks are of another device or of other flash geometry"], view.Problems);
    }

    [Fact]
    public void Without_a_chain_the_blocks_are_still_shown()
    {
        FlashWriter flash = new(SampleStore.Small);
        flash.Open(1, start: true);
        StoreView view = StoreReaderTests.Read(flash.Bytes);
        Assert.Empty(view.Journal.Chain);
        Assert.Equal([JournalBlockState.Erased, JournalBlockState.Opened, JournalBlockState.Erased, JournalBlockState.Erased], view.Journal.Blocks.Select(block => block.State));
        Assert.Contains(view.Problems, problem => problem.StartsWith("no chain of records begins", StringComparison.Ordinal));
    }

    private static FlashWriter Base() => new FlashWriter(SampleStore.Small).Open(0, start: true)
        .Add(0, RecordType.Settings, StoreContents.Settings(FlashWriter.None, generation: 1)).End(1);

    private static (ulong Generation, string Chain) Read(FlashWriter flash)
    {
        StoreView view = StoreReaderTests.Read(flash.Bytes);
        return (view.Settings!.Generation, string.Join(' ', view.Journal.Chain));
    }

    private static JournalBlockState State(FlashWriter flash, int block) => StoreReaderTests.Read(flash.Bytes).Journal.Blocks[block].State;
}
