using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace NfRuntime.Images.Oci;

/// <summary>The files of an OCI image layout. Nothing read from it is trusted: size before hash, hash before parse.</summary>
internal sealed class OciLayout(string root, IStoreFileSystem files)
{
    private const string TemporaryPrefix = ".new-";
    private readonly string _blobs = Path.Combine(root, "blobs", "sha256");
    private readonly string _index = Path.Combine(root, "index.json");
    private readonly string _layout = Path.Combine(root, "oci-layout");

    public string Root => root;

    /// <summary>Checks what is there; false when the folder is new.</summary>
    public bool Exists()
    {
        if (!files.HasFolder(Path.Combine(root, "blobs")) | !files.HasFolder(_blobs))
        {
            return false;
        }

        byte[]? layout = files.Read(_layout, OciLimits.JsonBytes);
        if (layout is null)
        {
            return false;
        }

        OciReader.CheckLayout(layout);
        return true;
    }

    /// <summary>Makes a new layout; one that is half made is completed.</summary>
    public void Create()
    {
        files.CreateFolder(_blobs);
        files.SyncFolder(Path.GetDirectoryName(_blobs)!); // else the folder itself may be gone after a power cut, and the index not
        if (files.Length(_layout) is null)
        {
            WriteAtomically(_layout, OciWriter.Layout());
        }
    }

    /// <summary>The entries of index.json; none when there is no file yet.</summary>
    public IReadOnlyList<Descriptor> ReadEntries()
    {
        byte[]? bytes = files.Read(_index, OciLimits.JsonBytes);
        return bytes is null ? [] : OciReader.ReadIndex(bytes, "index.json", OciLimits.StoreEntries).Manifests;
    }

    /// <summary>The one step that changes what the store holds.</summary>
    public void WriteEntries(IReadOnlyList<Descriptor> entries)
    {
        byte[] bytes = OciWriter.Write(new ImageIndex(entries));
        if (bytes.Length > OciLimits.JsonBytes || entries.Count > OciLimits.StoreEntries)
        {
            throw new ContentException(ContentError.TooLarge, $"index.json would have {entries.Count} entries in {bytes.Length} bytes; remove images first");
        }

        files.SyncFolder(_blobs); // what the index names lasts before the index does
        WriteAtomically(_index, bytes);
        files.SyncFolder(root);
    }

    /// <summary>The content that <paramref name="descriptor"/> names, checked against it.</summary>
    /// <exception cref="ContentException">Missing, of another size or digest, too large, or irregular.</exception>
    public byte[] Fetch(Descriptor descriptor, int maxBytes)
    {
        string name = $"blob {descriptor.Digest.Short}";
        if (descriptor.Size > maxBytes)
        {
            throw new ContentException(ContentError.TooLarge, $"{name} has {descriptor.Size} bytes; at most {maxBytes} are read");
        }

        long length = files.Length(PathOf(descriptor.Digest)) ?? throw new ContentException(ContentError.Missing, $"{name} is missing");
        if (length != descriptor.Size)
        {
            throw new ContentException(ContentError.Size, $"{name} has {length} bytes; its descriptor says {descriptor.Size}");
        }

        byte[] bytes = files.Read(PathOf(descriptor.Digest), maxBytes) ?? throw new ContentException(ContentError.Missing, $"{name} is missing");
        return Digest.Of(bytes) == descriptor.Digest
            ? bytes
            : throw new ContentException(ContentError.Digest, $"{name} is damaged: its content hashes to something else");
    }

    /// <summary>Writes a blob, unless the same is there already; a damaged one is replaced.</summary>
    public void Store(Digest digest, ReadOnlyMemory<byte> content)
    {
        string path = PathOf(digest);
        if (files.Length(path) == content.Length && files.Read(path, content.Length) is { } present && Digest.Of(present) == digest)
        {
            return;
        }

        WriteAtomically(path, content);
    }

    /// <summary>Deletes blobs outside <paramref name="keep"/> and what an interrupted writer left.</summary>
    /// <returns>Bytes that were freed.</returns>
    public long Collect(IReadOnlySet<Digest> keep)
    {
        long freed = 0;
        foreach (string path in Garbage(keep))
        {
            freed += files.Length(path) ?? 0;
            files.Delete(path);
        }

        foreach (string name in files.Files(root).Where(n => n.StartsWith(TemporaryPrefix, StringComparison.Ordinal)))
        {
            files.Delete(Path.Combine(root, name));
        }

        return freed;
    }

    /// <summary>How many blobs <see cref="Collect"/> would remove, and their bytes.</summary>
    public (int Blobs, long Bytes) Collectable(IReadOnlySet<Digest> keep)
    {
        string[] garbage = [.. Garbage(keep)];
        return (garbage.Length, garbage.Sum(path => files.Length(path) ?? 0));
    }

    // What another writer left half-written, and blobs that are not to be kept.
    private IEnumerable<string> Garbage(IReadOnlySet<Digest> keep) => files.Files(_blobs)
        .Where(n => n.StartsWith(TemporaryPrefix, StringComparison.Ordinal) || (Digest.TryParse("sha256:" + n, out Digest? digest) && !keep.Contains(digest)))
        .Select(n => Path.Combine(_blobs, n));

    private string PathOf(Digest digest) => Path.Combine(_blobs, digest.Hex);

    private void WriteAtomically(string path, ReadOnlyMemory<byte> content)
    {
        string temporary = Path.Combine(Path.GetDirectoryName(path)!, TemporaryPrefix + Path.GetRandomFileName());
        try
        {
            files.WriteNew(temporary, content);
            files.Replace(temporary, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            files.Delete(temporary); // a full disk is not made fuller
            throw;
        }
    }
}
