using System;
using NfRuntime.Native;
using Xunit;

namespace NfRuntime.Runtime.Tests;

/// <summary>A device with an empty store in memory and a key list in force, and two versions of a capsule of one counter.</summary>
public abstract class NativeStoreBed : IDisposable
{
    private protected const int Arena = 1 << 16;

    private protected NativeStoreBed()
    {
        First = new SignedCapsule();
        Second = new SignedCapsule(model: "v2", sibling: First);
        Image = SignedCapsule.Disputed(First, Second);
        Runtime = new NativeRuntime(Arena, 1 << 12, First.RootKey);
        Store = new NativeStore(Runtime, Flash);
        Assert.Equal(NativeError.Empty, Store.Mount());
        Assert.Equal(0, Store.Format());
        Assert.Equal(0, Store.Boot(1, Firmware));
        Assert.Equal(0, Store.UseKeyList(First.KeyList));
    }

    private protected static byte[] Firmware { get; } = new byte[16];

    private protected SignedCapsule First { get; }

    private protected SignedCapsule Second { get; }

    private protected NativeFlash Flash { get; } = new(new NativeFlashOptions { Fenced = true });

    private protected NameRecord Name { get; } = new();

    /// <summary>For which the versions answer otherwise.</summary>
    private protected byte[] Image { get; }

    private protected NativeRuntime Runtime { get; private set; }

    private protected NativeStore Store { get; private set; }

    public void Dispose()
    {
        Store.Dispose();
        Assert.Equal(0, Flash.Violations);
        Assert.Empty(Flash.FirstViolation);
        Flash.Dispose();
        Runtime.Dispose();
        First.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Another process on the same flash.</summary>
    private protected void Reset()
    {
        Runtime.Dispose();
        Flash.PowerOn(2);
        Runtime = new NativeRuntime(Arena, 1 << 12, First.RootKey);
        Store = new NativeStore(Runtime, Flash);
        Assert.Equal(0, Store.Mount());
        Assert.Equal(0, Store.Boot(1, Firmware));
    }
}
