using System;
using System.Collections.Generic;
using System.IO;
using NfRuntime.Images.Oci;

namespace NfRuntime.Images.Tests.Oci;

/// <summary>The disk, on which the process dies at the n-th changing operation: before it, or (a write) half way through.</summary>
internal sealed class FaultyFileSystem(int failAt, bool half) : IStoreFileSystem
{
    private readonly PhysicalFileSystem _disk = PhysicalFileSystem.Instance;
    private bool _dead;

    public int Operations { get; private set; }

    public byte[]? Read(string path, long maxBytes) => _disk.Read(path, maxBytes);

    public long? Length(string path) => _disk.Length(path);

    public bool HasFolder(string path) => _disk.HasFolder(path);

    public IReadOnlyList<string> Files(string folder) => _disk.Files(folder);

    public void CreateFolder(string path) => Run(() => _disk.CreateFolder(path), () => { });

    public void WriteNew(string path, ReadOnlyMemory<byte> content) =>
        Run(() => _disk.WriteNew(path, content), () => _disk.WriteNew(path, content[..(content.Length / 2)]));

    public void Replace(string from, string to) => Run(() => _disk.Replace(from, to), () => { });

    public void SyncFolder(string path) => Run(() => _disk.SyncFolder(path), () => { });

    public void Delete(string path) => Run(() => _disk.Delete(path), () => { });

    public IDisposable? TryLock(string path) => _disk.TryLock(path);

    private void Run(Action whole, Action part)
    {
        if (_dead || Operations++ == failAt)
        {
            if (half && !_dead)
            {
                part();
            }

            _dead = true; // a dead process changes nothing more, not even in a finally block
            throw new IOException("the process died here");
        }

        whole();
    }
}
