using System;
using System.Collections.Generic;
using System.Formats.Tar;
using System.IO;
using System.Linq;
using NfRuntime.Images.Oci;
using NfRuntime.Images.Tests.Building;
using Xunit;

namespace NfRuntime.Images.Tests.Oci;

public sealed class ImageArchiveTests : IDisposable
{
    private static readonly ImageContent One = BuildSamples.Build("1", 1).Content;
    private static readonly ImageContent Two = BuildSamples.Build("2", 2).Content;
    private readonly TemporaryFolder _folder = new();
    private readonly ImageStore _store;

    public ImageArchiveTests() => _store = new ImageStore(_folder["target"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Images_travel_in_one_file()
    {
        var source = new ImageStore(_folder["source"]);
        source.Add((One, [ImageReference.Parse("fashion:1"), ImageReference.Parse("fashion:latest")]), (Two, [ImageReference.Parse("fashion:2")]));
        source.Export(_folder["a.tar"], "fashion:2", One.Digest.Short);
        source.Export(_folder["b.tar"], "fashion:1", "fashion:2", "fashion:latest");
        Assert.Equal(File.ReadAllBytes(_folder["a.tar"]), File.ReadAllBytes(_folder["b.tar"]));

        IReadOnlyList<StoredImage> imported = _store.Import(_folder["a.tar"]);
        Assert.Equal(source.List().Select(i => (i.Root.Digest, string.Join(' ', i.Tags))), imported.Select(i => (i.Root.Digest, string.Join(' ', i.Tags))));
        Assert.Equal(source.List().Select(i => (i.Root.Digest, string.Join(' ', i.Tags))), _store.List().Select(i => (i.Root.Digest, string.Join(' ', i.Tags))));
        Assert.All(_store.List(), i => _store.Load(i.Root));
    }

    [Fact]
    public void What_is_exported_can_be_imported_however_many_tags_there_are()
    {
        var source = new ImageStore(_folder["source"]);
        ImageReference[] tags = [.. Enumerable.Range(0, OciLimits.IndexEntries + 1).Select(i => ImageReference.Parse($"fashion:{i}"))];
        source.Add((One, tags));
        source.Export(_folder["a.tar"], "fashion:0");
        Assert.Equal(tags.Length, Assert.Single(_store.Import(_folder["a.tar"])).Tags.Count);
    }

    [Fact]
    public void The_file_holds_no_owner_and_no_date()
    {
        using var reader = new TarReader(new MemoryStream(Archive()));
        var names = new List<string>();
        while (reader.GetNextEntry() is { } entry)
        {
            names.Add(entry.Name);
            Assert.Equal((DateTimeOffset.UnixEpoch, 0, 0), (entry.ModificationTime, entry.Uid, entry.Gid));
            Assert.Equal(("", ""), (((PosixTarEntry)entry).UserName, ((PosixTarEntry)entry).GroupName));
        }

        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.Equal(One.Blobs.Count + 2, names.Count);
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("/etc/passwd")]
    [InlineData("blobs/sha256/../../index.json")]
    [InlineData("./index.json")]
    [InlineData("blobs/sha256/abc")]
    [InlineData("extra")]
    public void A_foreign_path_is_refused(string path) => Refused(ContentError.Malformed, Archive(extra: tar => Put(tar, path, [1])));

    [Fact]
    public void A_file_twice_is_refused() => Refused(ContentError.Malformed, Archive(extra: tar => Put(tar, "index.json", [1])));

    [Theory]
    [InlineData(TarEntryType.SymbolicLink)]
    [InlineData(TarEntryType.HardLink)]
    [InlineData(TarEntryType.Fifo)]
    [InlineData(TarEntryType.CharacterDevice)]
    [InlineData(TarEntryType.BlockDevice)]
    public void A_link_or_device_is_refused(TarEntryType type) => Refused(ContentError.Irregular, Archive(extra: tar =>
    {
        var entry = new UstarTarEntry(type, "blobs/sha256/" + Digest.Of([9]).Hex);
        if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink)
        {
            entry.LinkName = "/etc/passwd";
        }

        tar.WriteEntry(entry);
    }));

    [Fact]
    public void Extended_headers_are_refused()
    {
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "oci-layout", new Dictionary<string, string> { ["path"] = "/etc/passwd" }) { DataStream = new MemoryStream([1]) });
        }

        Refused(ContentError.Irregular, stream.ToArray());
    }

    [Fact]
    public void Content_that_lies_is_refused()
    {
        Digest layer = One.Blobs.Keys.First(d => d != One.Digest);
        Refused(ContentError.Digest, Archive(d => d == layer ? new byte[One.Blobs[d].Length] : null));
        Refused(ContentError.Digest, Archive(d => d == One.Digest ? [.. One.Blobs[d].Span, 32] : null));
        Refused(ContentError.Missing, Archive(d => d == layer ? [] : null));
    }

    [Fact]
    public void A_torn_or_foreign_file_is_refused_wherever_it_ends()
    {
        byte[] good = Archive();
        for (int length = 0; length < good.Length - 1024; length += 509)
        {
            Refused(ContentError.Malformed, good[..length]);
        }

        Refused(ContentError.Malformed, [.. "PK"u8, .. new byte[2000]]);
        Refused(ContentError.Malformed, [.. good[..130], (byte)'9', .. good[131..]]);
    }

    [Fact]
    public void Mutated_archives_are_read_or_refused_and_nothing_else()
    {
        byte[] good = Archive();
        var random = new Random(4);
        int refused = 0;
        for (int i = 0; i < 500; i++)
        {
            byte[] bytes = [.. good];
            bytes[random.Next(bytes.Length)] ^= (byte)random.Next(1, 256);
            refused += Record.Exception(() => ImageArchive.Read(new MemoryStream(bytes))) switch
            {
                null => 0,
                ContentException => 1,
                Exception e => throw new InvalidOperationException("another exception", e),
            };
        }

        Assert.InRange(refused, 250, 499); // padding and header fields that nobody reads may change
    }

    private void Refused(ContentError error, byte[] archive)
    {
        File.WriteAllBytes(_folder["hostile.tar"], archive);
        Assert.Equal(error, Assert.Throws<ContentException>(() => _store.Import(_folder["hostile.tar"])).Error);
        Assert.False(Directory.Exists(_store.Root));
    }

    // The image with some blobs replaced (an empty array: left out), as a tar file.
    private static byte[] Archive(Func<Digest, byte[]?>? replace = null, Action<TarWriter>? extra = null)
    {
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, TarEntryFormat.Ustar, leaveOpen: true))
        {
            using var good = new MemoryStream();
            ImageArchive.Write(good, [(One, [ImageReference.Parse("fashion:1")])]);
            good.Position = 0;
            using var reader = new TarReader(good);
            while (reader.GetNextEntry(copyData: true) is { } entry)
            {
                byte[]? other = Digest.TryParse("sha256:" + Path.GetFileName(entry.Name), out Digest? digest) ? replace?.Invoke(digest) : null;
                if (other is null)
                {
                    tar.WriteEntry(entry);
                }
                else if (other.Length > 0)
                {
                    Put(tar, entry.Name, other);
                }
            }

            extra?.Invoke(tar);
        }

        return stream.ToArray();
    }

    private static void Put(TarWriter tar, string name, byte[] content) =>
        tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
}
