#if !NANOFRAMEWORK_1_0
using System;
using System.IO;
using System.Reflection;
using System.Runtime.InteropServices;

namespace NfRuntime.Native;

/// <summary>Finds libnfr: $NFR_LIBRARY, beside the program, or in artifacts/firmware/host of the checkout around it.</summary>
internal static class NativeLibraryLocator
{
    private static readonly object _lock = new();
    private static bool _registered;

    // Under a lock: who comes second must not go on before the first has registered.
    internal static void Register()
    {
        lock (_lock)
        {
            if (!_registered)
            {
                NativeLibrary.SetDllImportResolver(typeof(NativeLibraryLocator).Assembly, Resolve);
                _registered = true;
            }
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
