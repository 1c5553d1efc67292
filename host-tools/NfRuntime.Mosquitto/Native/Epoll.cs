using System;
using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NfRuntime.Mosquitto.Native;

/// <summary>One epoll instance and an eventfd that wakes it from another thread.</summary>
internal sealed unsafe class Epoll : IDisposable
{
    /// <summary>The tag under which a wake-up is reported.</summary>
    public const ulong WakeTag = ulong.MaxValue;

    private const int MaxEvents = 256;

    // struct epoll_event is packed on x86 and padded elsewhere.
    private static readonly bool Packed = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86;
    private static readonly int Stride = Packed ? 12 : 16;
    private static readonly int TagOffset = Packed ? 4 : 8;

    private readonly byte[] _events = GC.AllocateArray<byte>(MaxEvents * 16, pinned: true);
    private readonly int _descriptor;
    private readonly int _wake;

    /// <summary>Opens both descriptors.</summary>
    /// <exception cref="Win32Exception">No descriptor is left.</exception>
    public Epoll()
    {
        _descriptor = Checked(Libc.epoll_create1(Libc.CloseOnExec));
        _wake = Checked(Libc.eventfd(0, Libc.CloseOnExec | Libc.NonBlocking));
        Set(Libc.ControlAdd, _wake, Libc.In, WakeTag);
    }

    /// <summary>Adds, changes or deletes; false when the kernel says no (deleting what a close has deleted already is such a case).</summary>
    public bool Set(int operation, int socket, uint interest, ulong tag)
    {
        byte* one = stackalloc byte[16];
        *(uint*)one = interest;
        Unsafe.WriteUnaligned(one + TagOffset, tag);
        return Libc.epoll_ctl(_descriptor, operation, socket, one) == 0;
    }

    /// <summary>Waits; returns how many events <see cref="At"/> can read.</summary>
    /// <exception cref="Win32Exception">The kernel refused.</exception>
    public int Wait(int timeoutMs)
    {
        int count = Libc.epoll_wait(_descriptor, (byte*)Unsafe.AsPointer(ref _events[0]), MaxEvents, timeoutMs);
        return count < 0 && Marshal.GetLastPInvokeError() == Libc.Interrupted ? 0 : Checked(count);
    }

    /// <summary>An event of the last <see cref="Wait"/>.</summary>
    public (uint Events, ulong Tag) At(int index)
    {
        ReadOnlySpan<byte> one = _events.AsSpan(index * Stride, Stride);
        return (MemoryMarshal.Read<uint>(one), MemoryMarshal.Read<ulong>(one[TagOffset..]));
    }

    /// <summary>Makes a <see cref="Wait"/> of another thread, or the next one, return. Thread-safe.</summary>
    public void Wake()
    {
        ulong one = 1;
        _ = Libc.write(_wake, (byte*)&one, sizeof(ulong));
    }

    /// <summary>Takes notice of wake-ups, so that the next wait sleeps again.</summary>
    public void Awake()
    {
        ulong count;
        _ = Libc.read(_wake, (byte*)&count, sizeof(ulong));
    }

    public void Dispose()
    {
        _ = Libc.close(_wake);
        _ = Libc.close(_descriptor);
    }

    private static int Checked(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());
}
