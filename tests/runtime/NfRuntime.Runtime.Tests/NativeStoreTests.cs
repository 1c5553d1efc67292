using System;
using System.Linq;
using System.Security.Cryptography;
using NfRuntime.Capsules;
using NfRuntime.Native;
using Xunit;

namespace NfRuntime.Runtime.Tests;

/// <summary>IDeviceStore on the C store: a real capsule from blobs on flash to answers, and back.</summary>
public sealed class NativeStoreTests : IDisposable
{
    private static readonly byte[] _firmware = new byte[16];

    private readonly SignedCapsule _first = new();
    private readonly NativeRuntime _runtime;
    private readonly NativeFlash _flash = new(new NativeFlashOptions());
    private readonly NativeStore _store;

    public NativeStoreTests()
    {
        _runtime = new NativeRuntime(1 << 16, 1 << 12, _first.RootKey);
        _store = new NativeStore(_runtime, _flash);
        Assert.Equal(NativeError.Empty, _store.Mount());
        Assert.Equal(0, _store.Format());
        Assert.Equal(0, _store.Boot(1, _firmware));
    }

    public void Dispose()
    {
        _store.Dispose();
        Assert.Equal(0, _flash.Violations);
        _flash.Dispose();
        _runtime.Dispose();
        _first.Dispose();
    }

    [Fact]
    public void A_capsule_goes_from_flash_to_answers()
    {
        Assert.Equal(NativeError.Signature, _store.Verify(_first.Manifest).Error);
        Assert.Equal(0, _store.UseKeyList(_first.KeyList));
        Assert.Equal(7, _store.KeyListVersion);
        Assert.Equal(0, StoredCapsule.Stage(_store, _first, out int slot));
        Assert.Equal(0, _store.Apply(slot, StoredCapsule.EventFetched, 0, 0, 0));
        Assert.Equal(0, StoredCapsule.Test(_store, slot, out int version));
        NameRecord name = new();
        Assert.Equal(slot, _store.FindName("fashion", name));
        Assert.Equal(StoredCapsule.Trial, name.Candidate.State);
        Assert.Equal(SHA256.HashData(_first.Manifest), name.Candidate.Manifest);
        Assert.True(name.Candidate.IsComplete);
        Classify(_store.VersionCapsule(version), 0);
        Assert.Equal(0, _store.Apply(slot, StoredCapsule.EventConfirm, 0, 0, 0));
        Assert.Equal(StoredCapsule.PlaceConfirmed, _store.Serving(slot));
        Classify(_store.VersionCapsule(version), 1);
        _store.CloseVersion(version);
        Assert.Null(_store.VersionCapsule(version));
    }

    private void Classify(NativeCapsule capsule, int index)
    {
        byte[] image = SignedCapsule.Image(index);
        sbyte[] expected = _first.Expected(image);
        sbyte[] output = new sbyte[10];
        CapsuleSession session = new(capsule);
        Assert.True(session.Feed(image, image.Length));
        session.Begin();
        while (session.Step(0))
        {
        }

        capsule.ReadOutput(0, output, output.Length);
        Assert.Equal(expected, output);
        CapsuleResult result = new();
        session.Read(result);
        Assert.Equal(Array.IndexOf(expected, expected.Max()), result.Decision);
    }
}
