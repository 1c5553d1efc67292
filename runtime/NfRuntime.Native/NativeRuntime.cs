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

    private readonly IntPtr _context;
    private readonly List<IntPtr> _memory = new();
    private bool _disposed;

    /// <summary>Makes a context.</summary>
    /// <param name="arenaBytes">Transient memory shared by all capsules.</param>
    /// <param name="stateBytes">Memory kept for capsules between inferences.</param>
    /// <param name="rootKey">x‖y of the root's P-256 key (64 bytes): only signed capsules open. Empty: only bare models do.</param>
    /// <exception cref="NativeException">The firmware refuses the memory.</exception>
    /// <exception cref="DllNotFoundException">libnfr was not built.</exception>
    public NativeRuntime(int arenaBytes, int stateBytes, byte[] rootKey)
    {
        NativeLibraryLocator.Register();
        int size = HostMethods.Size();
        _context = Allocate(size);
        int error = HostMethods.Init(_context, size, Allocate(arenaBytes), arenaBytes, Allocate(stateBytes), stateBytes, rootKey.Length == 0 ? IntPtr.Zero : Copy(rootKey));
        if (error < 0)
        {
            Dispose();
            throw new NativeException("the device's memory", error);
        }
    }

    /// <summary>Verifies and takes a root-signed key list; its version may not fall below <paramref name="versionFloor"/>.</summary>
    /// <exception cref="NativeException">Refused; the list in use stays.</exception>
    public void SetKeyList(byte[] list, int versionFloor)
    {
        NativeException.Check("the key list", HostMethods.SetKeyList(_context, Copy(list), list.Length, versionFloor));
    }

    /// <summary>Verifies a manifest and says what it says; its <see cref="CapsuleSummary.Error"/> tells the outcome.</summary>
    public CapsuleSummary Verify(byte[] manifest)
    {
        byte[] summary = new byte[CapsuleSummary.ByteCount];
        _ = HostMethods.Verify(_context, manifest, manifest.Length, summary);
        return new CapsuleSummary(summary);
    }

    /// <summary>Verifies a manifest, then size and hash of one section of it.</summary>
    /// <param name="manifest">The manifest's bytes.</param>
    /// <param name="kind">Section kind, as in firmware/capsule/SPEC.md.</param>
    /// <param name="section">The section's bytes.</param>
    /// <exception cref="NativeException">One of them is refused.</exception>
    public void CheckSection(byte[] manifest, int kind, byte[] section)
    {
        NativeException.Check("section " + kind.ToString(System.Globalization.CultureInfo.InvariantCulture), HostMethods.CheckSection(_context, manifest, manifest.Length, kind, section, section.Length));
    }

    /// <summary>Opens a signed capsule; the bytes are copied and kept until this object is disposed of.</summary>
    /// <param name="manifest">Signed manifest.</param>
    /// <param name="model">Section model.</param>
    /// <param name="labels">Section labels, empty without one.</param>
    /// <param name="counterFloor">The least security counter that is accepted.</param>
    /// <exception cref="NativeException">Refused.</exception>
    public NativeCapsule Open(byte[] manifest, byte[] model, byte[] labels, int counterFloor)
    {
        int handle = NativeException.Check("the capsule", HostMethods.Open(
            _context, Copy(manifest), manifest.Length, Copy(model), model.Length, labels.Length == 0 ? IntPtr.Zero : Copy(labels), labels.Length, counterFloor));
        return new NativeCapsule(_context, handle);
    }

    /// <summary>Opens a plan without a manifest; only in a context without a root key.</summary>
    /// <exception cref="NativeException">Refused.</exception>
    public NativeCapsule OpenModel(byte[] model)
    {
        return new NativeCapsule(_context, NativeException.Check("the model", HostMethods.OpenModel(_context, Copy(model), model.Length)));
    }

    /// <summary>Runs a capsule's golden vectors to the end.</summary>
    /// <exception cref="NativeException">They are not the manifest's, or another capsule is running.</exception>
    public SelfTestReport SelfTest(NativeCapsule capsule, byte[] vectors)
    {
        NativeException.Check("the vectors section", HostMethods.SelfTestBegin(_context, capsule.Handle, Copy(vectors), vectors.Length));
        int[] report = new int[4];
        int result;
        do
        {
            result = HostMethods.SelfTestStep(_context, capsule.Handle, 0, report);
        }
        while (result == 1);

        if (result < 0 && result != NativeError.SelfTest)
        {
            throw new NativeException("the self-test", result);
        }

        return new SelfTestReport(result == 0, report[0], report[1], report[2]);
    }

    /// <summary>Frees everything; capsules of this context must not be used afterwards.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            foreach (IntPtr block in _memory)
            {
                Marshal.FreeHGlobal(block);
            }

            _memory.Clear();
        }
    }

    private IntPtr Allocate(int bytes)
    {
        IntPtr block = Marshal.AllocHGlobal(bytes + Alignment);
        _memory.Add(block);
        return new IntPtr((block.ToInt64() + Alignment - 1) / Alignment * Alignment);
    }

    private IntPtr Copy(byte[] bytes)
    {
        IntPtr target = Allocate(bytes.Length);
        Marshal.Copy(bytes, 0, target, bytes.Length);
        return target;
    }
}
#endif
