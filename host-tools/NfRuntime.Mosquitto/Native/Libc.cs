using System.Runtime.InteropServices;

namespace NfRuntime.Mosquitto.Native;

/// <summary>The few calls of the C library that drive many sockets from one thread (Linux).</summary>
internal static partial class Libc
{
    private const string Library = "libc";

    public const int ShutdownBoth = 2;

    [LibraryImport(Library, SetLastError = true)]
    public static partial int shutdown(int descriptor, int how);
}
