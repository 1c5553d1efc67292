using System.Runtime.InteropServices;

namespace NfRuntime.Mosquitto.Native;

/// <summary>The few calls of the C library that drive many sockets from one thread (Linux).</summary>
internal static unsafe partial class Libc
{
    public const int ShutdownBoth = 2;
    public const int CloseOnExec = 0x80000, NonBlocking = 0x800;
    public const int ControlAdd = 1, ControlDelete = 2, ControlModify = 3;
    public const uint In = 1, Out = 4, Error = 8, HangUp = 16, ReadHangUp = 0x2000;
    public const int DescriptorLimit = 7;
    public const int Interrupted = 4, Again = 11, ProtocolError = 71;

    private const string Library = "libc";

    /// <summary>struct rlimit of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }

    [LibraryImport(Library, SetLastError = true)]
    public static partial int shutdown(int descriptor, int how);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int close(int descriptor);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int epoll_create1(int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int epoll_ctl(int epoll, int operation, int descriptor, byte* @event);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int epoll_wait(int epoll, byte* events, int count, int timeoutMs);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int eventfd(uint value, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint read(int descriptor, byte* bytes, nuint count);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint write(int descriptor, byte* bytes, nuint count);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int getrlimit(int resource, out Limit limit);
}
