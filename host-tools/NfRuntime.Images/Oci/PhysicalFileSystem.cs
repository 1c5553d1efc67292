using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;

namespace NfRuntime.Images.Oci;

/// <summary>The disk.</summary>
internal sealed class PhysicalFileSystem : IStoreFileSystem
{
    public static PhysicalFileSystem Instance { get; } = new();

    public byte[]? Read(string path, long maxBytes)
    {
        if (Length(path) is null)
        {
            return null;
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        if (stream.Length > maxBytes)
        {
            throw new ContentException(ContentError.TooLarge, $"{Path.GetFileName(path)} has {stream.Length} bytes; at most {maxBytes} are read");
        }

        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    public long? Length(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists && file.LinkTarget is null && !Directory.Exists(path))
        {
            return null;
        }

        return (file.Attributes & (FileAttributes.ReparsePoint | FileAttributes.Directory | FileAttributes.Device)) == 0
            ? file.Length
            : throw new ContentException(ContentError.Irregular, $"{Path.GetFileName(path)} is no regular file");
    }

    public bool HasFolder(string path)
    {
        var folder = new DirectoryInfo(path);
        return folder.LinkTarget is null
            ? folder.Exists
            : throw new ContentException(ContentError.Irregular, $"the folder {folder.Name} is a link");
    }

    public IReadOnlyList<string> Files(string folder) => [.. Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f))];

    public void CreateFolder(string path) => Directory.CreateDirectory(path);

    public void WriteNew(string path, ReadOnlyMemory<byte> content)
    {
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        stream.Write(content.Span);
        stream.Flush(flushToDisk: true);
    }

    public void Replace(string from, string to) => File.Move(from, to, overwrite: true);

    public void SyncFolder(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            Unix.SyncFolder(path);
        }
    }

    public void Delete(string path) => File.Delete(path);

    public IDisposable? TryLock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    /// <summary>fsync of a folder, which makes a rename last; the base library opens no folders.</summary>
    private static class Unix
    {
        public static void SyncFolder(string path)
        {
            int descriptor = Open(path, 0);
            if (descriptor < 0)
            {
                throw new IOException($"cannot open the folder {path}: error {Marshal.GetLastPInvokeError()}");
            }

            int result = Sync(descriptor);
            int error = Marshal.GetLastPInvokeError();
            _ = Close(descriptor);
            if (result != 0)
            {
                throw new IOException($"cannot write the folder {path}: error {error}");
            }
        }

        [DllImport("libc", EntryPoint = "open", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

        [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern int Sync(int descriptor);

        [DllImport("libc", EntryPoint = "close", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern int Close(int descriptor);
    }
}
