using System;
using System.IO;
using System.Linq;
using NfRuntime.Native;
using Xunit;
using static NfRuntime.Runtime.Tests.StoredCapsule;

namespace NfRuntime.Runtime.Tests;

/// <summary>The power is cut at every flash operation of an update, and everything is opened anew.</summary>
public sealed class NativeStorePowerTests : IDisposable
{
    private static readonly byte[] _firmware = new byte[16];

    private readonly SignedCapsule _first = new();
    private readonly SignedCapsule _second;
    private readonly byte[] _image; // the versions answer otherwise
    private readonly string _folder = Directory.CreateTempSubdirectory("nfr-power-").FullName;

    public NativeStorePowerTests()
    {
        _second = new SignedCapsule(counter: 4, model: "v2", sibling: _first);
        _image = SignedCapsule.Disputed(_first, _second);
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        _first.Dispose();
    }

    [Theory]
    [InlineData(1, true)] // SPI NOR
    [InlineData(16, false)] // the same behind flash encryption: a unit is written once
    public void An_update_ends_after_any_cut_and_the_confirmed_version_serves_until_then(int unit, bool rewrites)
    {
        NativeFlashRegion Region(int blocks) => new() { Blocks = blocks, UnitBytes = unit, PageBytes = 1024, Rewrites = rewrites };
        NativeFlashOptions options = new() { Journal = Region(4), Blobs = Region(48), File = Path.Combine(_folder, "flash") };
        string before = Path.Combine(_folder, "before");
        MakeConfirmed(options);
        File.Move(options.File, before);
        sbyte[] old = _first.Expected(_image), updated = _second.Expected(_image);
        int cuts = 0, servedOld = 0, servedNew = 0;
        for (bool isCut = true; isCut; cuts += isCut ? 1 : 0)
        {
            File.Copy(before, options.File, overwrite: true);
            using NativeFlash flash = new(options);
            using (NativeRuntime runtime = new(1 << 16, 1 << 12, _first.RootKey))
            using (NativeStore store = new(runtime, flash))
            {
                Assert.Equal(0, store.Mount());
                Assert.Equal(0, store.Boot(1, _firmware));
                flash.Cut(cuts + 1, FlashCut.Before + (cuts % 3));
                int result = Install(store, _second);
                isCut = !flash.IsOn;
                Assert.Equal(isCut, result != 0);
            }

            flash.PowerOn(cuts);
            sbyte[] answer = AnswerAfterReset(flash);
            Assert.True(answer.SequenceEqual(old) || answer.SequenceEqual(updated), $"cut {cuts + 1}: another answer");
            servedOld += answer.SequenceEqual(old) ? 1 : 0;
            servedNew += answer.SequenceEqual(updated) ? 1 : 0;
            Assert.Equal(updated, UpdateAfterReset(flash));
            Assert.Equal(0, flash.Violations);
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{cuts} cuts; {servedOld} times the old version served, {servedNew} times the new one");
        Assert.True(cuts > 50 && servedOld > 50 && servedNew > 1 && servedOld + servedNew == cuts + 1, $"{cuts} cuts, {servedOld} old, {servedNew} new");
    }

    private void MakeConfirmed(NativeFlashOptions options)
    {
        using NativeFlash flash = new(options);
        using NativeRuntime runtime = new(1 << 16, 1 << 12, _first.RootKey);
        using NativeStore store = new(runtime, flash);
        Assert.Equal(0, store.Format());
        Assert.Equal(0, store.Boot(1, _firmware));
        Assert.Equal(0, store.UseKeyList(_first.KeyList));
        Assert.Equal(0, Install(store, _first));
    }

    private sbyte[] AnswerAfterReset(NativeFlash flash)
    {
        using NativeRuntime runtime = new(1 << 16, 1 << 12, _first.RootKey);
        using NativeStore store = new(runtime, flash);
        return Answer(store);
    }

    // The update is taken up again, and what serves then is asked.
    private sbyte[] UpdateAfterReset(NativeFlash flash)
    {
        using NativeRuntime runtime = new(1 << 16, 1 << 12, _first.RootKey);
        using NativeStore store = new(runtime, flash);
        _ = Answer(store);
        Assert.Equal(0, Install(store, _second));
        return ClassifyServing(store, store.FindName("fashion", new NameRecord()), _image);
    }

    private sbyte[] Answer(NativeStore store)
    {
        Assert.Equal(0, store.Mount());
        Assert.Equal(0, store.Boot(1, _firmware));
        Assert.Equal(7, store.KeyListVersion);
        NameRecord name = new();
        int slot = store.FindName("fashion", name);
        Assert.Equal(Confirmed, name.Confirmed.State);
        Assert.True(name.Confirmed.IsComplete);
        return ClassifyServing(store, slot, _image);
    }
}
