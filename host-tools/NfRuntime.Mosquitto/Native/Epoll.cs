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

    private readonly byte[] events = GC.AllocateArray<byte>(MaxEvents * 16, pinned: true);
    private readonly int descriptor;
    private readonly int wake;

    /// <summary>Opens both descriptors.</summary>
    /// <exception cref="Win32Exception">No descriptor is left.</exception>
    public Epoll()
    {
        descriptor = Checked(Libc.epoll_create1(Libc.CloseOnExec));
        wake = Checked(Libc.eventfd(0, Libc.CloseOnExec | Libc.NonBlocking));
        Set(Libc.ControlAdd, wake, Libc.In, WakeTag);
    }

    /// <summary>Adds, changes or deletes; false when the kernel says no (deleting what a close has deleted already is such a case).</summary>
    public bool Set(int operation, int socket, uint interest, ulong tag)
    {
        byte* one = stackalloc byte[16];
        *(uint*)one = interest;
        Unsafe.WriteUnaligned(one + TagOffset, tag);
        return Libc.epoll_ctl(descriptor, operation, socket, one) == 0;
    }

    /// <summary>Waits; returns how many events <see cref="At"/> can read.</summary>
    /// <exception cref="Win32Exception">The kernel refused.</exception>
    public int Wait(int timeoutMs)
    {
        int count = Libc.epoll_wait(descriptor, (byte*)Unsafe.AsPointer(ref events[0]), MaxEvents, timeoutMs);
        return count < 0 && Marshal.GetLastPInvokeError() == Libc.Interrupted ? 0 : Checked(count);
    }

    /// <summary>An event of the last <see cref="Wait"/>.</summary>
    public (uint Events, ulong Tag) At(int index)
    {
        ReadOnlySpan<byte> one = events.AsSpan(index * Stride, Stride);
        return (MemoryMarshal.Read<uint>(one), MemoryMarshal.Read<ulong>(one[TagOffset..]));
    }

    /// <summary>Makes a <see cref="Wait"/> of another thread, or the next one, return. Thread-safe.</summary>
    public void Wake()
    {
        ulong one = 1;
        _ = Libc.write(wake, (byte*)&one, sizeof(ulong));
    }

    /// <summary>Takes notice of wake-ups, so that the next wait sleeps again.</summary>
    public void Awake()
    {
        ulong count;
        _ = Libc.read(wake, (byte*)&count, sizeof(ulong));
    }

    public void Dispose()
    {
        _ = Libc.close(wake);
        _ = Libc.close(descriptor);
    }

    private static int Checked(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());
}
