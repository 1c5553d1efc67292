using System;
using System.Collections.Generic;

namespace NfRuntime.Images.Oci;

/// <summary>The file operations of a store: the seam where tests let each of them fail.</summary>
internal interface IStoreFileSystem
{
    /// <summary>The content, or null when there is no such file.</summary>
    /// <exception cref="ContentException">A link or another irregular file (Irregular), or more than <paramref name="maxBytes"/> (TooLarge).</exception>
    byte[]? Read(string path, long maxBytes);

    /// <summary>Length of a regular file, or null when there is no such file.</summary>
    /// <exception cref="ContentException">A link or another irregular file.</exception>
    long? Length(string path);

    /// <summary>Whether there is a folder.</summary>
    /// <exception cref="ContentException">It is a link.</exception>
    bool HasFolder(string path);

    /// <summary>Names of the files in a folder.</summary>
    IReadOnlyList<string> Files(string folder);

    void CreateFolder(string path);

    /// <summary>A new file with this content, on the medium when the call returns.</summary>
    void WriteNew(string path, ReadOnlyMemory<byte> content);

    /// <summary>Renames over <paramref name="to"/>, atomically.</summary>
    void Replace(string from, string to);

    /// <summary>Makes the names in a folder last through a loss of power.</summary>
    void SyncFolder(string path);

    void Delete(string path);

    /// <summary>An exclusive lock that ends with the process at the latest; null when another holds it.</summary>
    IDisposable? TryLock(string path);
}
