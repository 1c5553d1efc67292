using System;
using System.Linq;
using NfRuntime.Images.Store;
using Xunit;

namespace NfRuntime.Images.Tests.Store;

public class StoreProblemTests
{
    [Fact]
    public void Extents_that_overlap_are_named()
    {
        FlashWriter flash = SampleStore.Create().Add(12, RecordType.Blob, StoreContents.Blob(SampleStore.Old, 20480)).Seal();
        Has(flash, "the blobs in slots 7 and 12 overlap at 0x5000");
    }

    [Fact]
    public void An_extent_outside_the_region_is_named()
    {
        FlashWriter flash = SampleStore.Create().Add(12, RecordType.Blob, StoreContents.Blob(SampleStore.Old, 0xFFFFFFE0)).Seal();
        Has(flash, "ends outside the blob region of 131,072 bytes");
    }

    [Fact]
    public void An_extent_that_is_not_aligned_is_named()
    {
        FlashWriter flash = SampleStore.Create().Add(12, RecordType.Blob, StoreContents.Blob(SampleStore.Old, 40_001)).Seal();
        Has(flash, "begins at 0x9C41, no multiple of 32");
    }

    [Fact]
    public void A_tail_that_is_not_clean_is_named()
    {
        FlashWriter flash = SampleStore.Create().Add(12, RecordType.Free, StoreContents.U32s(12_320)).Seal();
        Has(flash, "the clean tail from 0x3020 on is not clean: the blob in slot 6 lies there");
    }

    [Theory]
    [InlineData(12, "slot 12 is empty")]
    [InlineData(9, "the blob in slot 9 is writing")]
    [InlineData(10, "slot 10 holds no blob")]
    public void A_reference_that_leads_nowhere_is_named(ushort slot, string why)
    {
        FlashWriter flash = SampleStore.Create().Add(5, RecordType.Name, StoreContents.Name("fashion", [(5, 0, [2, slot])])).Seal();
        Has(flash, $"the reference \"model of fashion (confirmed)\" leads nowhere: {why}");
    }

    [Fact]
    public void A_blob_with_other_bytes_is_found_only_when_hashed()
    {
        FlashWriter flash = SampleStore.Create();
        flash.Bytes[flash.Geometry.JournalBytes + 1024 + 8999] ^= 1;
        Assert.Empty(StoreReaderTests.Read(flash.Bytes).Problems);
        StoreView view = StoreReaderTests.Read(flash.Bytes, verify: true);
        Assert.Equal(3, view.Blobs.Single(blob => blob.IsIntact == false).Slot);
        Assert.Contains(view.Problems, problem => problem.Contains("in slot 3 is not what it should be", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_ends_early_is_still_shown()
    {
        FlashWriter flash = SampleStore.Create();
        StoreView view = StoreReaderTests.Read(flash.Bytes[..(int)(flash.Geometry.JournalBytes + 5000)], verify: true);
        Assert.Contains("the file has 5,000 of the blob region's 131,072 bytes", view.Problems);
        Assert.Equal([true, true, false, false, false, false], view.Blobs.Select(blob => blob.IsIntact).OfType<bool>());
        Assert.Contains("the file ends in journal block 2 of 4", StoreReaderTests.Read(flash.Bytes[..9000]).Problems);
    }

    [Theory]
    [InlineData(0, RecordType.Blob, "may not stand in slot 0")]
    [InlineData(12, RecordType.Settings, "may not stand in slot 12")]
    [InlineData(12, RecordType.Blob, "has 4 bytes, at least 56 are needed")]
    [InlineData(12, RecordType.Name, "has 4 bytes, more than 116 are needed")]
    public void A_record_that_breaks_its_form_is_named(ushort slot, RecordType type, string why)
    {
        FlashWriter flash = SampleStore.Create().Add(slot, type, [1, 2, 3, 4]).Seal();
        Has(flash, $"slot {slot}: its {type.ToString().ToUpperInvariant()} record {why}");
    }

    private static void Has(FlashWriter flash, string expected)
    {
        StoreView view = StoreReaderTests.Read(flash.Bytes);
        Assert.Contains(view.Problems, problem => problem.Contains(expected, StringComparison.Ordinal));
        Assert.Equal(view.Image.Geometry.BlobBytes, view.Space.Segments.Sum(segment => segment.Bytes));
    }
}
