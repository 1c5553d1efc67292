using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using NfRuntime.Images.Oci;
using NfRuntime.Images.Tests.Building;
using Xunit;

namespace NfRuntime.Images.Tests.Oci;

/// <summary>A store that somebody else has written: each lie gives one typed error, and no operation changes a byte.</summary>
public sealed class HostileLayoutTests : IDisposable
{
    private static readonly ImageContent Image = BuildSamples.BuildOneTarget("1").Content;
    private readonly TemporaryFolder _folder = new();
    private readonly ImageStore _store;

    public HostileLayoutTests()
    {
        _store = new ImageStore(_folder["images"]);
        _store.Add((Image, [ImageReference.Parse("fashion:1")]));
    }

    private string Index => Path.Combine(_store.Root, "index.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_missing_blob()
    {
        File.Delete(Blob(Image.Digest));
        Refused(ContentError.Missing);
    }

    [Fact]
    public void A_blob_of_another_size()
    {
        File.AppendAllText(Blob(Image.Digest), " ");
        Refused(ContentError.Size);
    }

    [Fact]
    public void A_blob_with_another_hash()
    {
        byte[] bytes = File.ReadAllBytes(Blob(Image.Digest));
        bytes[^1] ^= 1;
        File.WriteAllBytes(Blob(Image.Digest), bytes);
        Refused(ContentError.Digest);
    }

    [Fact]
    public void A_blob_that_is_a_link_out_of_the_layout()
    {
        File.Move(Blob(Image.Digest), _folder["outside"]);
        File.CreateSymbolicLink(Blob(Image.Digest), _folder["outside"]);
        Refused(ContentError.Irregular);
    }

    [Fact]
    public void A_blob_that_is_a_link_to_nothing_or_a_folder()
    {
        File.Delete(Blob(Image.Digest));
        File.CreateSymbolicLink(Blob(Image.Digest), _folder["nowhere"]);
        Refused(ContentError.Irregular);
        File.Delete(Blob(Image.Digest));
        Directory.CreateDirectory(Blob(Image.Digest));
        Refused(ContentError.Irregular);
    }

    [Theory]
    [InlineData("blobs")]
    [InlineData("blobs/sha256")]
    public void A_folder_that_is_a_link(string folder)
    {
        Directory.Move(Path.Combine(_store.Root, folder), _folder["outside"]);
        Directory.CreateSymbolicLink(Path.Combine(_store.Root, folder), _folder["outside"]);
        Refused(ContentError.Irregular);
    }

    [Fact]
    public void An_index_inside_an_index()
    {
        Descriptor inner = Put(OciWriter.Write(new ImageIndex([])), MediaTypes.ImageIndex);
        Descriptor outer = Put(OciWriter.Write(new ImageIndex([inner])), MediaTypes.ImageIndex);
        WriteIndex(OciWriter.Write(new ImageIndex([outer])));
        Refused(ContentError.Nested);
    }

    [Fact]
    public void An_index_that_lists_the_layouts_own_index()
    {
        // A true cycle would need a hash that contains itself; index.json has no digest in its name, so it can point at a copy of itself only.
        byte[] self = OciWriter.Write(new ImageIndex([Image.Root]));
        WriteIndex(OciWriter.Write(new ImageIndex([Put(self, MediaTypes.ImageIndex)])));
        Refused(ContentError.Nested);
    }

    [Fact]
    public void Huge_counts()
    {
        Descriptor manifest = OciReader.ReadIndex(Image.Blobs[Image.Digest], "index").Manifests[0] with { Annotations = Descriptor.EmptyAnnotations };
        WriteIndex(OciWriter.Write(new ImageIndex([Put(OciWriter.Write(new ImageIndex([.. Enumerable.Repeat(manifest, 257)])), MediaTypes.ImageIndex)])));
        Refused(ContentError.TooLarge);
        ImageManifest wide = new(null, manifest, [.. Enumerable.Repeat(manifest, 65)]);
        WriteIndex(OciWriter.Write(new ImageIndex([Put(OciWriter.Write(wide), MediaTypes.ImageManifest)])));
        Refused(ContentError.TooLarge);
    }

    [Fact]
    public void An_index_of_more_than_a_mebibyte()
    {
        WriteIndex(new byte[(1 << 20) + 1]);
        Refused(ContentError.TooLarge);
    }

    [Fact]
    public void A_manifest_of_more_than_a_mebibyte()
    {
        Descriptor large = Put([.. OciWriter.Write(new ImageIndex([])), .. Enumerable.Repeat((byte)' ', 1 << 20)], MediaTypes.ImageIndex);
        WriteIndex(OciWriter.Write(new ImageIndex([large])));
        Refused(ContentError.TooLarge);
    }

    [Fact]
    public void Something_that_is_no_image()
    {
        WriteIndex(OciWriter.Write(new ImageIndex([Put("{}"u8.ToArray(), "application/json")])));
        Refused(ContentError.Unsupported);
        WriteIndex(OciWriter.Write(new ImageIndex([Put(OciWriter.Write(new ImageManifest(null, Image.Root, [])), MediaTypes.ImageIndex)])));
        Refused(ContentError.Unsupported);
    }

    [Theory]
    [InlineData("", ContentError.Malformed)]
    [InlineData("[]", ContentError.Malformed)]
    [InlineData("{}", ContentError.Malformed)]
    [InlineData("{\"schemaVersion\":1,\"manifests\":[]}", ContentError.Malformed)]
    [InlineData("{\"schemaVersion\":2,\"schemaVersion\":2,\"manifests\":[]}", ContentError.Malformed)]
    [InlineData("{\"schemaVersion\":2,\"mediaType\":\"text/plain\",\"manifests\":[]}", ContentError.Unsupported)]
    [InlineData("{\"schemaVersion\":2,\"manifests\":{}}", ContentError.Malformed)]
    [InlineData("{\"schemaVersion\":2,\"manifests\":[1]}", ContentError.Malformed)]
    [InlineData("{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"a\",\"digest\":\"sha256:0\",\"size\":1}]}", ContentError.Malformed)]
    [InlineData("{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"a\",\"digest\":\"sha256:../../../../../../../../../../../../../../etc/passwd/0000000000000000000\",\"size\":1}]}", ContentError.Malformed)]
    [InlineData("{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"a\",\"digest\":\"sha512:$\",\"size\":1}]}", ContentError.Malformed)]
    [InlineData("{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"\",\"digest\":\"sha256:$\",\"size\":1}]}", ContentError.Malformed)]
    [InlineData("{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"a\",\"digest\":\"sha256:$\",\"size\":-1}]}", ContentError.Malformed)]
    [InlineData("{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"a\",\"digest\":\"sha256:$\",\"size\":1e99}]}", ContentError.Malformed)]
    [InlineData("{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"a\",\"digest\":\"sha256:$\",\"size\":16777217}]}", ContentError.Malformed)]
    [InlineData("{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"a\",\"digest\":\"sha256:$\",\"size\":1,\"platform\":3}]}", ContentError.Malformed)]
    [InlineData("{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"a\",\"digest\":\"sha256:$\",\"size\":1,\"annotations\":{\"a\":1}}]}", ContentError.Malformed)]
    [InlineData("{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"\\uD800\",\"digest\":\"sha256:$\",\"size\":1}]}", ContentError.Malformed)]
    [InlineData("{\"a\":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}", ContentError.Malformed)]
    public void Absurd_JSON(string json, ContentError error)
    {
        WriteIndex(Encoding.UTF8.GetBytes(json.Replace("$", Image.Digest.Hex, StringComparison.Ordinal)));
        Refused(error);
    }

    [Theory]
    [InlineData("{\"imageLayoutVersion\":\"2.0.0\"}", ContentError.Unsupported)]
    [InlineData("{}", ContentError.Malformed)]
    [InlineData("layout", ContentError.Malformed)]
    public void A_layout_of_another_kind(string json, ContentError error)
    {
        File.WriteAllText(Path.Combine(_store.Root, "oci-layout"), json);
        Refused(error);
    }

    [Fact]
    public void Mutated_documents_are_read_or_refused_and_nothing_else()
    {
        var random = new Random(3);
        byte[] index = Image.Blobs[Image.Digest].ToArray();
        int refused = 0;
        for (int i = 0; i < 5_000; i++)
        {
            byte[] bytes = [.. index];
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            refused += Record.Exception(() => OciReader.ReadIndex(bytes, "index")) switch
            {
                null => 0,
                ContentException => 1,
                Exception e => throw new InvalidOperationException(Encoding.Latin1.GetString(bytes), e),
            };
        }

        Assert.InRange(refused, 1_000, 4_999);
    }

    private void Refused(ContentError error)
    {
        string before = Bytes();
        Exception? first = Record.Exception(() => _store.List().ToList().ForEach(i => _store.Load(i.Root)));
        Assert.Equal(error, Assert.IsType<ContentException>(first).Error);
        Assert.IsType<ContentException>(Record.Exception(() => _store.Prune()));
        Assert.Equal(before, Bytes());
    }

    private string Bytes() => string.Join('\n', Directory.GetFiles(_folder.Path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
        .Order(StringComparer.Ordinal).Select(f => $"{f} {new FileInfo(f).LinkTarget ?? Digest.Of(File.ReadAllBytes(f)).Short}"));

    private string Blob(Digest digest) => Path.Combine(_store.Root, "blobs", "sha256", digest.Hex);

    private Descriptor Put(byte[] bytes, string mediaType)
    {
        File.WriteAllBytes(Blob(Digest.Of(bytes)), bytes);
        return Descriptor.Of(mediaType, bytes) with { Annotations = new Dictionary<string, string> { [AnnotationNames.ReferenceName] = "fashion:1" } };
    }

    private void WriteIndex(byte[] bytes) => File.WriteAllBytes(Index, bytes);
}
