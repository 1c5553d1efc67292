using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using NfRuntime.Images.Building;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Oci;
using Xunit;

namespace NfRuntime.Images.Tests.Building;

public class CapsuleImageBuilderTests
{
    private const string ReproducibleDigest = "0c17079f5743367d299fa68b880247955dfc455d3eec13302b28b0c601f5c482";

    [Fact]
    public void An_image_is_the_index_manifests_and_layers_of_the_specification()
    {
        BuiltImage built = BuildSamples.Build();
        ImageIndex index = OciReader.ReadIndex(built.Content.Blobs[built.Content.Digest], "index");
        Assert.Equal(["cortex-m4", "esp32-s3", "host"], index.Manifests.Select(m => m.Annotation(AnnotationNames.Target)));
        Assert.Equal([new Platform("arm", "none"), null, null], index.Manifests.Select(m => m.Platform));
        ImageManifest host = OciReader.ReadManifest(built.Content.Blobs[index.Manifests[2].Digest], "manifest");
        Assert.Equal(MediaTypes.ArtifactType, host.ArtifactType);
        Assert.Equal("application/vnd.nf-runtime.capsule.config.v1+json", host.Config.MediaType);
        Assert.Equal(
            ["manifest", "model", "managed", "vectors", "labels"],
            host.Layers.Select(l => l.MediaType.Split('.')[^2]));
        Assert.Equal(
            ["capsule.nfrc", "model.nfrp", "processor.dll", "vectors.nfrv", "labels.txt"],
            host.Layers.Select(l => l.Annotation(AnnotationNames.Title)));
        Assert.All(host.Layers, l => Assert.Equal(l.Digest, Digest.Of(built.Content.Blobs[l.Digest].Span)));
        Assert.DoesNotContain("created", Encoding.UTF8.GetString(built.Content.Blobs[index.Manifests[2].Digest].Span), StringComparison.Ordinal);
    }

    [Fact]
    public void The_needs_of_windows_are_added_to_the_state()
    {
        CapsuleManifest manifest = BuildSamples.Build().Variants[0].Manifest;
        Assert.Equal(224u, manifest.Needs.StateBytes); // 16 of the plan and 100 samples of 2 bytes, rounded up to sixteens
    }

    // The digest is a promise to whoever built these inputs before: any machine, folder, day and time zone gives this one. When the format
    // changes on purpose, it changes here.
    [Theory]
    [InlineData("UTC")]
    [InlineData("Pacific/Kiritimati")]
    [InlineData("America/St_Johns")]
    public void The_digest_depends_on_nothing_but_the_inputs(string timeZone)
    {
        string folder = Directory.GetCurrentDirectory();
        string? zone = Environment.GetEnvironmentVariable("TZ");
        using var elsewhere = new TemporaryFolder();
        try
        {
            Environment.SetEnvironmentVariable("TZ", timeZone);
            TimeZoneInfo.ClearCachedData();
            Directory.SetCurrentDirectory(elsewhere.Path);
            BuiltImage built = BuildSamples.Build();
            Assert.True(built.Content.Digest.Hex == ReproducibleDigest, $"the digest is {built.Content.Digest.Hex}");
            Assert.NotEqual(built.UnsignedDigest, built.Content.Digest);
        }
        finally
        {
            Directory.SetCurrentDirectory(folder);
            Environment.SetEnvironmentVariable("TZ", zone);
            TimeZoneInfo.ClearCachedData();
        }
    }

    [Fact]
    public void The_order_of_variants_does_not_matter_and_the_key_matters_only_when_signed()
    {
        CapsuleBuildInput input = BuildSamples.Fashion();
        BuiltImage reversed = CapsuleImageBuilder.Build(input with { Variants = [.. input.Variants.Reverse()] }, TestKeys.Publisher);
        Assert.Equal(BuildSamples.Build().Content.Digest, reversed.Content.Digest);
        Assert.NotEqual(BuildSamples.Build(weights: 2).Content.Digest, reversed.Content.Digest);
    }

    [Fact]
    public void What_a_device_would_refuse_is_not_built()
    {
        CapsuleBuildInput good = BuildSamples.Fashion();
        VariantInput variant = good.Variants[0];
        Refused("not a name", good with { Name = "Fashion" });
        Refused("each once", good with { Variants = [] });
        Refused("each once", good with { Variants = [variant, variant] });
        Refused("folder", good with { ModelName = "/home/me/fashion.tflite" });
        Refused("not a target", good with { Variants = [variant with { Target = "Cortex" }] });
        Refused("managed section", good with { Variants = [variant with { Managed = null }] });
        Refused("labels section", good with { Variants = [variant with { Labels = null }] });
        Refused("0 bytes", good with { Variants = [variant with { Plan = default }] });
        Refused("a section has 16777217 bytes", good with { Variants = [variant with { Plan = new byte[(16 << 20) + 1] }] });
        Refused("65 cases", good with
        {
            Variants = [variant with { Vectors = new GoldenVectors(1, 1, 0, [.. Enumerable.Repeat(new GoldenVector(true, new byte[1], new byte[1], []), 65)]) }],
        });
        Refused("line break", good with { Variants = [variant with { Labels = ["a\nb"] }] });
    }

    [Fact]
    public void A_config_is_read_back()
    {
        var config = new CapsuleConfig("n", "1", uint.MaxValue, "host", "m.tflite", Digest.Of([1]), "c+1", "s", new CapsuleNeeds(1, 2, 3, 4, 5, 6), new Dictionary<string, long> { ["b"] = -1, ["a"] = long.MaxValue });
        CapsuleConfig read = CapsuleConfig.Read(config.Write());
        Assert.Equal(config with { Figures = read.Figures }, read);
        Assert.Equal([("a", long.MaxValue), ("b", -1)], read.Figures.Select(f => (f.Key, f.Value)));
        Assert.Equal(
            "{\"name\":\"n\",\"version\":\"1\",\"securityCounter\":4294967295,\"target\":\"host\",\"model\":{\"name\":\"m.tflite\",\"digest\":\"" + Digest.Of([1])
            + "\"},\"compiler\":\"c+1\",\"sdk\":\"s\",\"needs\":{\"stateBytes\":1,\"arenaBytes\":2,\"inputCopyBytes\":3,\"stackBytes\":4,\"deadlineMs\":5,\"managedHeapBytes\":6},\"figures\":{\"a\":9223372036854775807,\"b\":-1}}",
            Encoding.UTF8.GetString(config.Write()));
    }

    private static void Refused(string part, CapsuleBuildInput input) =>
        Assert.Contains(part, Assert.Throws<CapsuleBuildException>(() => CapsuleImageBuilder.Build(input, TestKeys.Publisher)).Message, StringComparison.Ordinal);
}
