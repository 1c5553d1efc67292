#if !NANOFRAMEWORK_1_0
using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace NfRuntime.Native;

/// <summary>
/// One firmware context in this process (net10.0): a virtual device's arena, state pool, root key and key list. On the device the
/// context is the interop glue's own and capsules are opened from the store.
/// </summary>
public sealed class NativeRuntime : IDisposable
{
    private const int Alignment = 16;
    private const int RootKeyBytes = 64;

    private readonly IntPtr _context;
    private readonly Dictionary<IntPtr, IntPtr> _blocks = new(); // by the aligned address within
    private readonly HashSet<NativeCapsule> _open = new();
    private IntPtr _keyList;
    private bool _disposed;

    /// <summary>Makes a context.</summary>
    /// <param name="arenaBytes">Transient memory shared by all capsules.</param>
    /// <param name="stateBytes">Memory kept for capsules between inferences.</param>
    /// <param name="rootKey">x‖y of the root's P-256 key (64 bytes): only signed capsules open. Empty: only bare models do.</param>
    /// <exception cref="ArgumentException">A key of another length, or negative sizes.</exception>
    /// <exception cref="NativeException">The firmware refuses the memory.</exception>
    /// <exception cref="DllNotFoundException">libnfr was not built.</exception>
    public NativeRuntime(int arenaBytes, int stateBytes, byte[] rootKey)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(arenaBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(stateBytes);
        if (rootKey.Length is not (0 or RootKeyBytes))
        {
            throw new ArgumentException("a root key has 64 bytes", nameof(rootKey));
        }

        NativeLibraryLocator.Register();
        int size = HostMethods.Size();
        _context = Allocate(size);
        IntPtr root = rootKey.Length == 0 ? IntPtr.Zero : Copy(rootKey);
        int error = HostMethods.Init(_context, size, Allocate(arenaBytes), arenaBytes, Allocate(stateBytes), stateBytes, root);
        Free(root);
        if (error < 0)
        {
            Dispose();
            throw new NativeException("the device's memory", error);
        }
    }

    /// <summary>Blocks of memory that the firmware has or borrows now.</summary>
    internal int BlockCount => _blocks.Count;

    /// <summary>Ends the store that uses the context.</summary>
    internal Action? Disposing { get; set; }

    internal IntPtr Context => _disposed ? throw new ObjectDisposedException(nameof(NativeRuntime)) : _context;

    /// <summary>What a board offers besides memory; before it a context's target is "host" and nothing is limited.</summary>
    /// <exception cref="NativeException">The target is longer than 35 bytes.</exception>
    public void SetBoard(NativeBoard board) => NativeException.Check("the board", HostMethods.SetBoard(Context, board.Bytes()));

    /// <summary>Verifies and takes a root-signed key list; its version may not fall below <paramref name="versionFloor"/>.</summary>
    /// <exception cref="NativeException">Refused; the list in use stays.</exception>
    public void SetKeyList(byte[] list, int versionFloor)
    {
        IntPtr context = Context;
        IntPtr bytes = Copy(list);
        int error = HostMethods.SetKeyList(context, bytes, list.Length, versionFloor);
        Free(error < 0 ? bytes : _keyList);
        _keyList = error < 0 ? _keyList : bytes;
        NativeException.Check("the key list", error);
    }

    /// <summary>What this firmware runs.</summary>
    public FirmwareFacts Facts()
    {
        byte[] facts = new byte[FirmwareFacts.ByteCount];
        HostMethods.Facts(Context, facts);
        return new FirmwareFacts(facts);
    }

    /// <summary>Verifies a manifest and says what it says; its <see cref="CapsuleSummary.Error"/> tells the outcome.</summary>
    public CapsuleSummary Verify(byte[] manifest)
    {
        byte[] summary = new byte[CapsuleSummary.ByteCount];
        _ = HostMethods.Verify(Context, manifest, manifest.Length, summary);
        return new CapsuleSummary(summary);
    }

    /// <summary>Verifies a manifest, then size and hash of one section of it.</summary>
    /// <param name="manifest">The manifest's bytes.</param>
    /// <param name="kind">Section kind, as in firmware/capsule/SPEC.md.</param>
    /// <param name="section">The section's bytes.</param>
    /// <exception cref="NativeException">One of them is refused.</exception>
    public void CheckSection(byte[] manifest, int kind, byte[] section)
    {
        NativeException.Check("section " + kind.ToString(System.Globalization.CultureInfo.InvariantCulture), HostMethods.CheckSection(Context, manifest, manifest.Length, kind, section, section.Length));
    }

    /// <summary>Opens a signed capsule; the bytes are copied and kept until it is closed.</summary>
    /// <param name="manifest">Signed manifest.</param>
    /// <param name="model">Section model.</param>
    /// <param name="labels">Section labels, empty without one.</param>
    /// <param name="counterFloor">The least security counter that is accepted.</param>
    /// <exception cref="NativeException">Refused.</exception>
    public NativeCapsule Open(byte[] manifest, byte[] model, byte[] labels, int counterFloor)
    {
        IntPtr context = Context;
        IntPtr[] borrowed = { Copy(manifest), Copy(model), labels.Length == 0 ? IntPtr.Zero : Copy(labels) };
        return Opened("the capsule", borrowed, HostMethods.Open(
            context, borrowed[0], manifest.Length, borrowed[1], model.Length, borrowed[2], labels.Length, counterFloor));
    }

    /// <summary>Opens a plan without a manifest; only in a context without a root key.</summary>
    /// <exception cref="NativeException">Refused.</exception>
    public NativeCapsule OpenModel(byte[] model)
    {
        IntPtr context = Context;
        IntPtr[] borrowed = { Copy(model) };
        return Opened("the model", borrowed, HostMethods.OpenModel(context, borrowed[0], model.Length));
    }

    /// <summary>Runs a capsule's golden vectors to the end.</summary>
    /// <exception cref="ArgumentException">The capsule is closed, or another runtime's.</exception>
    /// <exception cref="NativeException">They are not the manifest's, or another capsule is running.</exception>
    public SelfTestReport SelfTest(NativeCapsule capsule, byte[] vectors)
    {
        IntPtr context = Context;
        if (!_open.Contains(capsule))
        {
            throw new ArgumentException("the capsule is not open in this runtime", nameof(capsule));
        }

        IntPtr bytes = Copy(vectors);
        int[] report = new int[4];
        int result = HostMethods.SelfTestBegin(context, capsule.Handle, bytes, vectors.Length);
        string subject = result < 0 ? "the vectors section" : "the self-test";
        for (bool more = result >= 0; more; more = result == 1)
        {
            result = HostMethods.SelfTestStep(context, capsule.Handle, 0, report);
        }

        Free(bytes);
        if (result < 0 && result != NativeError.SelfTest)
        {
            throw new NativeException(subject, result);
        }

        return new SelfTestReport(result == 0, report[0], report[1], report[2]);
    }

    /// <summary>Frees everything; capsules of this context that are still open are closed.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        Disposing?.Invoke();
        foreach (NativeCapsule capsule in new List<NativeCapsule>(_open))
        {
            capsule.Dispose();
        }

        _disposed = true;
        foreach (IntPtr block in _blocks.Values)
        {
            Marshal.FreeHGlobal(block);
        }

        _blocks.Clear();
    }

    private NativeCapsule Opened(string subject, IntPtr[] borrowed, int result)
    {
        if (result < 0)
        {
            Free(borrowed);
            throw new NativeException(subject, result);
        }

        var capsule = new NativeCapsule(_context, result, isOwner: true);
        capsule.Closed = () =>
        {
            _open.Remove(capsule);
            Free(borrowed);
        };
        _open.Add(capsule);
        return capsule;
    }

    private IntPtr Allocate(int bytes)
    {
        IntPtr block = Marshal.AllocHGlobal((nint)bytes + Alignment);
        var aligned = new IntPtr((block.ToInt64() + Alignment - 1) / Alignment * Alignment);
        _blocks.Add(aligned, block);
        return aligned;
    }

    private void Free(params IntPtr[] addresses)
    {
        foreach (IntPtr address in addresses)
        {
            if (_blocks.Remove(address, out IntPtr block))
            {
                Marshal.FreeHGlobal(block);
            }
        }
    }

    private IntPtr Copy(byte[] bytes)
    {
        IntPtr target = Allocate(bytes.Length);
        Marshal.Copy(bytes, 0, target, bytes.Length);
        return target;
    }
}
#endif
