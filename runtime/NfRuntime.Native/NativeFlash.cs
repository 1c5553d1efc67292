#if !NANOFRAMEWORK_1_0
using System;
using System.IO;
using System.Text;

namespace NfRuntime.Native;

/// <summary>Regions of a chip.</summary>
public enum FlashRegion
{
    Journal = 0,
    Blobs = 1,
}

/// <summary>What a power cut leaves of the operation that it meets.</summary>
public enum FlashCut
{
    Never = 0,

    /// <summary>The operation does not start.</summary>
    Before = 1,

    /// <summary>It is complete, and its caller never hears of it.</summary>
    After = 2,

    /// <summary>It is cut in the midst: what was being programmed or erased may read in any way.</summary>
    Torn = 3,
}

/// <summary>
/// A flash chip of a virtual device (net10.0): the model of firmware/port/host, in memory or in a file. An operation is one page
/// program or one block erase. One thread at a time.
/// </summary>
public sealed class NativeFlash : IDisposable
{
    private const int CountWords = 6;
    private const int TextBytes = 160;

    private IntPtr _model;

    /// <summary>A chip, erased or as its file is.</summary>
    /// <exception cref="NativeException">A geometry that no chip has, or the file has another size.</exception>
    /// <exception cref="IOException">The file cannot be had: another chip is on it, its disk is full, or its rights forbid it.</exception>
    /// <exception cref="DllNotFoundException">libnfr was not built.</exception>
    public NativeFlash(NativeFlashOptions options)
    {
        NativeLibraryLocator.Register();
        byte[]? file = options.File.Length == 0 ? null : Encoding.UTF8.GetBytes(options.File + "\0");
        int error = HostMethods.FlashNew(options.Words(), file, out _model);
        if (file != null && error is NativeError.Busy or NativeError.NoSpace or NativeError.Port)
        {
            throw new IOException(options.File + Trouble(error));
        }

        NativeException.Check("the flash", error);
    }

    /// <summary>False after a cut, until <see cref="PowerOn"/>: every call of the store that touches flash fails meanwhile.</summary>
    public bool IsOn => HostMethods.FlashIsOn(Model) != 0;

    /// <summary>Breaches of the flash's contract by the store; tests want 0.</summary>
    public long Violations => HostMethods.FlashViolations(Model, null, 0);

    /// <summary>The first of them in words; empty without one.</summary>
    public string FirstViolation
    {
        get
        {
            byte[] text = new byte[TextBytes];
            _ = HostMethods.FlashViolations(Model, text, text.Length);
            return Encoding.UTF8.GetString(text, 0, Array.IndexOf(text, (byte)0));
        }
    }

    internal IntPtr Model => _model != IntPtr.Zero ? _model : throw new ObjectDisposedException(nameof(NativeFlash));

    /// <summary>Ends the store that lies here.</summary>
    internal Action? Disposing { get; set; }

    /// <summary>The <paramref name="operation"/>-th operation from now on (1: the next one) is cut.</summary>
    /// <exception cref="NativeException">There is no such operation.</exception>
    public void Cut(long operation, FlashCut kind) =>
        NativeException.Check("the power cut", HostMethods.FlashCut(Model, operation, (int)kind));

    /// <summary>Power is back, or the device was reset; no cut is armed. The seed decides what torn units read from now on.</summary>
    public void PowerOn(long seed) => HostMethods.FlashPowerOn(Model, seed);

    /// <summary>Flips bit 0 … 7 of a byte, as retention loss does.</summary>
    /// <exception cref="NativeException">There is no such bit.</exception>
    public void Flip(FlashRegion region, int offset, int bit) =>
        NativeException.Check("the bit", HostMethods.FlashFlip(Model, (int)region, offset, bit));

    /// <summary>What a region has done since the chip was made.</summary>
    public FlashCounts Counts(FlashRegion region)
    {
        long[] counts = new long[CountWords];
        NativeException.Check("the region", HostMethods.FlashCounts(Model, (int)region, counts));
        return new FlashCounts(counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]);
    }

    private static string Trouble(int error)
    {
        switch (error)
        {
            case NativeError.Busy: return " is the flash of another device that runs";
            case NativeError.NoSpace: return " does not find room on its disk";
            default: return " cannot be opened or made";
        }
    }

    /// <summary>Frees it; its file stays. A store on it ends.</summary>
    public void Dispose()
    {
        Disposing?.Invoke();
        HostMethods.FlashDelete(_model);
        _model = IntPtr.Zero;
    }
}

/// <summary>Counts of one region.</summary>
/// <param name="Operations">Page programs and block erases, a cut one included.</param>
/// <param name="Programs">Page programs.</param>
/// <param name="Erases">Block erases.</param>
/// <param name="BytesProgrammed">Bytes in all page programs.</param>
/// <param name="BusyMicroseconds">Time of all operations, on the model's clock.</param>
/// <param name="BytesRead">Bytes read through the port.</param>
public sealed record FlashCounts(long Operations, long Programs, long Erases, long BytesProgrammed, long BusyMicroseconds, long BytesRead);
#endif
