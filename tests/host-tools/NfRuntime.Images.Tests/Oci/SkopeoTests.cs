using System;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Images.Building;
using NfRuntime.Images.Oci;
using NfRuntime.Images.Tests.Building;
using Xunit;

namespace NfRuntime.Images.Tests.Oci;

/// <summary>Another implementation of OCI reads, checks and copies what we write.</summary>
public sealed class SkopeoTests : IDisposable
{
    private static readonly BuiltImage Built = BuildSamples.Build();
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_copy_has_the_same_digest_and_our_store_reads_it()
    {
        var store = new ImageStore(_folder["ours"]);
        store.Add((Built.Content, [ImageReference.Parse("fashion:1")]));
        await Skopeo("copy", "--all", "--preserve-digests", $"oci:{_folder["ours"]}:fashion:1", $"oci:{_folder["theirs"]}:fashion:1");

        var copy = new ImageStore(_folder["theirs"]);
        Assert.Equal(Built.Content.Digest, copy.Find("fashion:1").Root.Digest);
        Assert.Equal(3, CapsuleImage.Verify(copy, copy.Find("fashion:1").Root, TestKeys.List).Variants.Count);
        Assert.Equal(Built.Content.TotalBytes, copy.Load(copy.Find("fashion:1").Root).TotalBytes);
    }

    [Fact]
    public async Task It_shows_our_index_byte_for_byte()
    {
        var store = new ImageStore(_folder["ours"]);
        store.Add((Built.Content, [ImageReference.Parse("fashion:1")]));
        byte[] raw = await Skopeo("inspect", "--raw", $"oci:{_folder["ours"]}:fashion:1");
        Assert.Equal(Built.Content.Digest, Digest.Of(raw.AsSpan().TrimEnd((byte)'\n')));
    }

    [Fact]
    public async Task Its_archive_is_imported()
    {
        var store = new ImageStore(_folder["ours"]);
        store.Add((Built.Content, [ImageReference.Parse("fashion:1")]));
        await Skopeo("copy", "--all", "--preserve-digests", $"oci:{_folder["ours"]}:fashion:1", $"oci-archive:{_folder["theirs.tar"]}:fashion:1");
        var other = new ImageStore(_folder["other"]);
        StoredImage imported = Assert.Single(other.Import(_folder["theirs.tar"]));
        Assert.Equal((Built.Content.Digest, "fashion:1"), (imported.Root.Digest, Assert.Single(imported.Tags)));
    }

    [Fact]
    public async Task Our_archive_is_read()
    {
        var store = new ImageStore(_folder["ours"]);
        store.Add((Built.Content, [ImageReference.Parse("fashion:1")]));
        store.Export(_folder["ours.tar"], "fashion:1");
        await Skopeo("copy", "--all", "--preserve-digests", $"oci-archive:{_folder["ours.tar"]}:fashion:1", $"oci:{_folder["theirs"]}:fashion:1");
        Assert.Equal(Built.Content.Digest, new ImageStore(_folder["theirs"]).Find("fashion:1").Root.Digest);
    }

    private static async Task<byte[]> Skopeo(params string[] arguments)
    {
        var start = new ProcessStartInfo("skopeo", ["--insecure-policy", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("skopeo is not installed: interoperability with it was not tested");
            throw;
        }

        using (process)
        {
            using var output = new MemoryStream();
            Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.StandardOutput.BaseStream.CopyToAsync(output, TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, $"skopeo {string.Join(' ', arguments.Take(2))}: {await errors}");
            return output.ToArray();
        }
    }
}
