#if !NANOFRAMEWORK_1_0
using System;
using System.IO;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Threading;

namespace NfRuntime.Native;

/// <summary>Finds libnfr: $NFR_LIBRARY, beside the program, or in artifacts/firmware/host of the checkout around it.</summary>
internal static class NativeLibraryLocator
{
    private static int _registered;

    internal static void Register()
    {
        if (Interlocked.Exchange(ref _registered, 1) == 0)
        {
            NativeLibrary.SetDllImportResolver(typeof(NativeLibraryLocator).Assembly, Resolve);
        }
    }

    private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != "nfr")
        {
            return IntPtr.Zero;
        }

        string named = Environment.GetEnvironmentVariable("NFR_LIBRARY") ?? string.Empty;
        if (named.Length > 0)
        {
            return NativeLibrary.Load(named);
        }

        string beside = Path.Combine(AppContext.BaseDirectory, "libnfr.so");
        if (File.Exists(beside))
        {
            return NativeLibrary.Load(beside);
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder != null; folder = folder.Parent)
        {
            string built = Path.Combine(folder.FullName, "artifacts", "firmware", "host", "libnfr.so");
            if (File.Exists(built))
            {
                return NativeLibrary.Load(built);
            }
        }

        return IntPtr.Zero;
    }
}
#endif
