using System;
using System.Security.Cryptography;
using NfRuntime.Native;
using Xunit;
using static NfRuntime.Runtime.Tests.StoredCapsule;

namespace NfRuntime.Runtime.Tests;

/// <summary>IDeviceStore on the C store: real capsules from blobs on flash to answers, and back; whom it trusts.</summary>
public sealed class NativeStoreTests : NativeStoreBed
{
    [Fact]
    public void A_capsule_goes_from_flash_to_answers()
    {
        Assert.Equal(0, Stage(Store, First, out int slot));
        Assert.Equal(0, Store.Apply(slot, EventFetched, 0, 0, 0));
        Assert.Equal(0, Test(Store, slot, out int version));
        Assert.Equal(slot, Store.FindName("fashion", Name));
        Assert.Equal("fashion", Name.Name);
        Assert.Equal(Trial, Name.Candidate.State);
        Assert.Equal(3u, Name.Candidate.Counter);
        Assert.Equal(1, Name.Candidate.Attempts);
        Assert.Equal(SHA256.HashData(First.Manifest), Name.Candidate.Manifest);
        Assert.True(Name.Candidate.IsComplete);
        Assert.Equal(None, Name.Confirmed.State);
        AssertAnswers(First, Store.VersionCapsule(version));
        Assert.Equal(0, Store.Apply(slot, EventConfirm, 0, 0, 0));
        Assert.Equal(PlaceConfirmed, Store.Serving(slot));
        NativeCapsule capsule = Store.VersionCapsule(version);
        Assert.Same(capsule, Store.VersionCapsule(version));
        AssertAnswers(First, capsule);
        Assert.Equal("class 9", capsule.Label(9));
        capsule.Dispose(); // the version is the store's
        AssertAnswers(First, capsule);
        Store.CloseVersion(version);
        Assert.Null(Store.VersionCapsule(version));
        Assert.Throws<ObjectDisposedException>(capsule.Begin);
    }

    [Fact]
    public void A_second_version_serves_after_a_reset_and_a_rollback_needs_no_bytes()
    {
        Assert.Equal(0, Install(Store, First));
        int slot = Store.FindName("fashion", Name);
        Assert.Equal(0, Install(Store, Second));
        Reset();
        Assert.Equal(7, Store.KeyListVersion);
        Assert.Equal(Second.Expected(Image), ClassifyServing(Store, slot, Image));
        Assert.Equal(slot, Store.NextName(0, Name));
        Assert.Equal(Superseded, Name.Previous.State);
        long programmed = Flash.Counts(FlashRegion.Blobs).BytesProgrammed;
        Assert.Equal(0, Store.Apply(slot, EventRollBack, 0, 0, 0));
        Assert.Equal(programmed, Flash.Counts(FlashRegion.Blobs).BytesProgrammed);
        Reset();
        Assert.Equal(First.Expected(Image), ClassifyServing(Store, slot, Image));
        Store.FindName("fashion", Name);
        Assert.Equal(SHA256.HashData(Second.Manifest), Name.RejectedManifest);
        Assert.Equal(17, Name.RejectedReason); // by the operator
        Assert.Equal(21, Store.MayFetch("fashion", SHA256.HashData(Second.Manifest), 3)); // was rejected already
        Assert.Equal(0, Store.MayFetch("another", SHA256.HashData(Second.Manifest), 4));
        Assert.Equal(NativeError.NotFound, Store.NextName(slot, Name));
    }

    [Fact]
    public void Serving_and_candidate_are_open_at_once()
    {
        Assert.Equal(0, Install(Store, First));
        int slot = Store.FindName("fashion", Name);
        int serving = Store.OpenVersion(slot, PlaceConfirmed);
        Assert.Equal(0, Open(Store, serving));
        Assert.Equal(0, Stage(Store, Second, out _));
        Assert.Equal(0, Store.Apply(slot, EventFetched, 0, 0, 0));
        Assert.Equal(0, Test(Store, slot, out int candidate));
        for (int i = 0; i < 3; i++)
        {
            AssertAnswers(First, Store.VersionCapsule(serving));
            AssertAnswers(Second, Store.VersionCapsule(candidate));
        }

        Store.CloseVersion(serving);
        AssertAnswers(Second, Store.VersionCapsule(candidate));
    }

    [Fact]
    public void Wrong_answers_are_refused_with_case_and_operator()
    {
        using SignedCapsule wrong = new(wrongOperator: 1, sibling: First);
        Assert.Equal(0, Install(Store, First));
        int slot = Store.FindName("fashion", Name);
        Assert.Equal(0, Stage(Store, wrong, out _));
        Assert.Equal(0, Store.Apply(slot, EventFetched, 0, 0, 0));
        int version = Store.TestVersion(slot, PlaceCandidate);
        VersionReport report = new();
        int result;
        do
        {
            result = Store.VersionStep(version, 0, report);
        }
        while (result == 1);
        Assert.Equal(NativeError.SelfTest, result);
        Assert.Equal(1, report.CaseIndex);
        Assert.Equal(3, report.CaseCount);
        Assert.True(report.SourceOperator >= 0);
        Store.FindName("fashion", Name);
        Assert.Equal(9, Name.RejectedReason);
        Assert.Equal((1 << 10) | report.SourceOperator, Name.RejectedDetail);
        Assert.Equal(PlaceConfirmed, Store.Serving(slot));
    }

    [Fact]
    public void A_manifest_says_what_to_fetch()
    {
        byte[] digest = new byte[32];
        foreach ((int kind, byte[] bytes) in Sections(First))
        {
            Assert.True(Store.Section(First.Manifest, kind, digest, out int size));
            Assert.Equal(bytes.Length, size);
            Assert.Equal(SHA256.HashData(bytes), digest);
        }

        Assert.False(Store.Section(First.Manifest, 2, digest, out int none));
        Assert.Equal(0, none);
        CapsuleSummary summary = Store.Verify(First.Manifest);
        Assert.Equal("fashion", summary.Name);
        Assert.Equal(0, summary.Fits);
        Runtime.SetBoard(new NativeBoard { Target = "host", StackBytes = 1024 });
        Assert.Equal(NativeError.NoMemory, Store.Verify(First.Manifest).Fits);
        Assert.Contains("1,024 free", Store.Verify(First.Manifest).Deficit, StringComparison.Ordinal);
        Runtime.SetBoard(new NativeBoard { Target = "esp32-s3" });
        Assert.Equal(NativeError.Unsupported, Store.Verify(First.Manifest).Fits);
        Assert.Throws<NativeException>(() => Runtime.SetBoard(new NativeBoard { Target = new string('a', 36) }));
    }

    [Fact]
    public void Key_lists_are_kept_and_older_ones_refused()
    {
        long operations = Flash.Counts(FlashRegion.Journal).Operations;
        Assert.Equal(0, Store.UseKeyList(First.KeyList));
        Assert.Equal(NativeError.Rollback, Store.UseKeyList(First.MakeKeyList(6)));
        using SignedCapsule stranger = new();
        Assert.Equal(NativeError.Signature, Store.UseKeyList(stranger.MakeKeyList(9)));
        Assert.Equal(NativeError.Corrupt, Store.UseKeyList(new byte[5000]));
        Assert.Equal(operations, Flash.Counts(FlashRegion.Journal).Operations);
        Assert.Equal(0, Store.UseKeyList(First.MakeKeyList(8)));
        Reset();
        Assert.Equal(8, Store.KeyListVersion);
        Assert.Equal(NativeError.Rollback, Store.UseKeyList(First.KeyList));
        Assert.Equal(0, Store.Verify(First.Manifest).Error);
    }

    private static void AssertAnswers(SignedCapsule expected, NativeCapsule capsule)
    {
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(expected.Expected(SignedCapsule.Image(i)), Classify(capsule, SignedCapsule.Image(i)));
        }
    }
}
