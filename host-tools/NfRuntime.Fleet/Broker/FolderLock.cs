using System;
using System.Diagnostics;
using System.IO;
using System.Threading;

namespace NfRuntime.Fleet.Broker;

/// <summary>Keeps other processes, and other threads of this one, out of a folder's files while it lives; a process that dies lets go.</summary>
internal static class FolderLock
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <exception cref="BrokerException">Somebody else held it for ten seconds.</exception>
    public static IDisposable Take(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        for (var waited = Stopwatch.StartNew(); ; Thread.Sleep(2))
        {
            try
            {
                return new FileStream(path, options);
            }
            catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
            {
                if (waited.Elapsed > Patience)
                {
                    throw new BrokerException($"{path} is held by another process.", e);
                }
            }
        }
    }
}
