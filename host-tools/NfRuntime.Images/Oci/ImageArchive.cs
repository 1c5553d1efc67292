using System;
using System.Collections.Generic;
using System.Formats.Tar;
using System.IO;
using System.Linq;

namespace NfRuntime.Images.Oci;

/// <summary>Images in one tar file: an OCI image layout. Equal images give equal files: sorted entries, no owners, no dates.</summary>
public static class ImageArchive
{
    private const string Layout = "oci-layout";
    private const string Index = "index.json";
    private const string Blobs = "blobs/sha256/";
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Writes the images with their tags to <paramref name="archive"/>.</summary>
    public static void Write(Stream archive, IReadOnlyList<(ImageContent Content, IReadOnlyList<ImageReference> Tags)> images)
    {
        ArgumentNullException.ThrowIfNull(images);
        IReadOnlyList<Descriptor> entries = [];
        var files = new SortedDictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal) { [Layout] = OciWriter.Layout() };
        foreach ((ImageContent content, IReadOnlyList<ImageReference> tags) in images)
        {
            entries = StoreEntries.WithTags(entries, content.Root, [.. tags.Select(t => t.TagName!)]);
            foreach ((Digest digest, ReadOnlyMemory<byte> bytes) in content.Blobs)
            {
                files[Blobs + digest.Hex] = bytes;
            }
        }

        files[Index] = OciWriter.Write(new ImageIndex(entries));
        using var tar = new TarWriter(archive, TarEntryFormat.Ustar, leaveOpen: true);
        foreach ((string name, ReadOnlyMemory<byte> bytes) in files)
        {
            using var content = new MemoryStream(bytes.ToArray(), writable: false);
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
            {
                DataStream = content,
                Mode = Mode,
                ModificationTime = DateTimeOffset.UnixEpoch,
            });
        }
    }

    /// <summary>Reads images; no path of the archive is used as a path, and every blob is verified.</summary>
    /// <param name="archive">Seekable.</param>
    /// <exception cref="ContentException">Not an archive of images, or content that does not match its digest.</exception>
    public static IReadOnlyList<(ImageContent Content, IReadOnlyList<ImageReference> Tags)> Read(Stream archive)
    {
        ArgumentNullException.ThrowIfNull(archive);
        Dictionary<string, TarFile> files = Names(TarIndex.Read(archive));
        OciReader.CheckLayout(Content(archive, files, Layout, OciLimits.JsonBytes));
        ImageIndex index = OciReader.ReadIndex(Content(archive, files, Index, OciLimits.JsonBytes), "the archive's index.json", OciLimits.StoreEntries);
        var read = new Dictionary<Digest, byte[]>(); // shared blobs are read, hashed and held once
        byte[] Fetch(Descriptor descriptor, int max)
        {
            if (!read.TryGetValue(descriptor.Digest, out byte[]? bytes))
            {
                bytes = Content(archive, files, Blobs + descriptor.Digest.Hex, max);
                read.Add(descriptor.Digest, bytes);
                if (Digest.Of(bytes) != descriptor.Digest)
                {
                    throw new ContentException(ContentError.Digest, $"blob {descriptor.Digest.Short} is damaged: its content hashes to something else");
                }
            }

            return bytes.Length == descriptor.Size && bytes.Length <= max
                ? bytes
                : throw new ContentException(ContentError.Size, $"blob {descriptor.Digest.Short} has {bytes.Length} bytes; its descriptor says {descriptor.Size}");
        }

        return [.. StoreEntries.Images(index.Manifests).Select(image => (ImageWalk.Load(image.Root, Fetch), Tags(image)))];
    }

    private static IReadOnlyList<ImageReference> Tags(StoredImage image) => [.. image.Tags.Select(t =>
        ImageReference.TryParse(t, out ImageReference? tag) && tag.TagName is not null && tag.Digest is null
            ? tag
            : throw new ContentException(ContentError.Malformed, "the archive names an image with something that is no reference"))];

    private static Dictionary<string, TarFile> Names(IReadOnlyList<TarFile> entries)
    {
        var files = new Dictionary<string, TarFile>(StringComparer.Ordinal);
        long total = 0;
        foreach (TarFile file in entries)
        {
            bool known = file.Name is Layout or Index || (file.Name.StartsWith(Blobs, StringComparison.Ordinal) && Digest.TryParse("sha256:" + file.Name[Blobs.Length..], out _));
            if (!known || !files.TryAdd(file.Name, file))
            {
                throw new ContentException(ContentError.Malformed, known
                    ? $"the archive holds {file.Name} twice"
                    : "the archive holds a file that belongs to no image layout");
            }

            total += file.Size;
        }

        return total <= OciLimits.ImageBytes ? files : throw new ContentException(ContentError.TooLarge, $"the archive holds {total} bytes; at most {OciLimits.ImageBytes} are read");
    }

    private static byte[] Content(Stream archive, Dictionary<string, TarFile> files, string name, int max)
    {
        if (!files.TryGetValue(name, out TarFile file))
        {
            throw new ContentException(ContentError.Missing, $"the archive holds no {name}");
        }

        if (file.Size > max)
        {
            throw new ContentException(ContentError.TooLarge, $"{name} has {file.Size} bytes; at most {max} are read");
        }

        var bytes = new byte[file.Size];
        archive.Position = file.Offset;
        archive.ReadExactly(bytes);
        return bytes;
    }
}
