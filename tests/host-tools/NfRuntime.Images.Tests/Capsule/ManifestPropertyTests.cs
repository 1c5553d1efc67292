using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NfRuntime.Images.Capsule;
using Xunit;

namespace NfRuntime.Images.Tests.Capsule;

public class ManifestPropertyTests
{
    [Fact]
    public void What_is_written_is_read_back()
    {
        int seen = 0;
        Prop.ForAll(ManifestGen.Manifests, manifest =>
        {
            seen++;
            CapsuleManifest read = ManifestReader.Read(ManifestWriter.Write(manifest, TestKeys.Universal), TestKeys.List);
            AssertEqual(manifest, read);
        }).QuickCheckThrowOnFailure();
        Assert.True(seen >= 100);
    }

    [Fact]
    public void Every_flipped_bit_of_a_signed_manifest_is_refused()
    {
        byte[] good = ManifestWriter.Write(Samples.Minimal, TestKeys.Publisher);
        for (int bit = 0; bit < good.Length * 8; bit++)
        {
            byte[] bad = [.. good];
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            var thrown = Assert.Throws<ManifestFormatException>(() => ManifestReader.Read(bad, TestKeys.List));
            Assert.NotEqual(DeviceError.None, thrown.Error);
        }
    }

    [Fact]
    public void Mutated_manifests_are_read_or_refused_and_nothing_else()
    {
        byte[] good = ManifestWriter.Write(Samples.Full, TestKeys.Publisher);
        var random = new Random(1);
        int refused = 0, read = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = Mutate(good, random);
            try
            {
                _ = ManifestReader.ReadUnverified(bytes);
                read++;
            }
            catch (ManifestFormatException e)
            {
                Assert.InRange(e.Offset, 0, bytes.Length);
                refused++;
            }
        }

        Assert.True(refused > 1_000 && read > 1_000, $"{refused} refused, {read} read");
    }

    [Fact]
    public void Mutated_key_lists_vectors_and_labels_are_read_or_refused()
    {
        var random = new Random(2);
        byte[] list = KeyListFile.Encode(TestKeys.List);
        byte[] vectors = VectorsFile.Write(OtherVectors.Golden);
        byte[] labels = LabelsFile.Write(["größer", "b", "日本"]);
        int refused = 0;
        for (int i = 0; i < 2_000; i++)
        {
            if (i % 10 == 0) // each of these is signed
            {
                refused += Refused(() => KeyListFile.Read(RawKeyList.Sign(Mutate(list, random), TestKeys.Root), TestKeys.Root.PublicKey));
            }

            refused += Refused(() => VectorsFile.Read(Mutate(vectors, random)));
            refused += Refused(() => LabelsFile.Read(Mutate(labels, random)));
        }

        Assert.InRange(refused, 1_000, 4_199);
    }

    [Fact]
    public void A_manifest_that_grows_too_large_is_not_written()
    {
        ChannelAffine[] four = [.. Enumerable.Repeat(new IntegerAffine(1, 0, 0), 4)];
        CapsuleManifest large = Samples.Full with
        {
            Name = new string('n', 64),
            Processor = new string('P', 96),
            Pre = [.. Enumerable.Range(0, 4).Select(i => new PreProcessing { Input = (byte)i, Source = SampleSource.Int8, Channels = four })],
        };
        Assert.InRange(ManifestWriter.Write(large, TestKeys.Universal).Length, 900, 1_024);
        CapsuleManifest larger = large with { Version = new string('1', 70_000) };
        Assert.Equal("total-bytes", Assert.Throws<ManifestFormatException>(() => ManifestWriter.Write(larger, TestKeys.Universal)).Rule);
    }

    private static int Refused(Action read)
    {
        try
        {
            read();
            return 0;
        }
        catch (ManifestFormatException)
        {
            return 1;
        }
    }

    private static byte[] Mutate(byte[] good, Random random)
    {
        byte[] bytes = [.. good];
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return bytes;
    }

    private static void AssertEqual(CapsuleManifest expected, CapsuleManifest read)
    {
        Assert.Equal(expected.Sections, read.Sections);
        Assert.Equal(expected.Pre.Select(p => p with { Channels = [] }), read.Pre.Select(p => p with { Channels = [] }));
        Assert.Equal(expected.Pre.SelectMany(p => p.Channels), read.Pre.SelectMany(p => p.Channels));
        Assert.Equal(expected with { Sections = [], Pre = [] }, read with { Sections = [], Pre = [] });
    }
}
