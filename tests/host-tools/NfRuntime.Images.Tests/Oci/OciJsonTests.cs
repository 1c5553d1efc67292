using System.Collections.Generic;
using System.Linq;
using System.Text;
using NfRuntime.Images.Oci;
using Xunit;

namespace NfRuntime.Images.Tests.Oci;

public class OciJsonTests
{
    private static readonly Digest Zero = Digest.FromBytes(new byte[32]);
    private static readonly string ZeroText = "sha256:" + new string('0', 64);

    [Fact]
    public void A_manifest_has_one_form()
    {
        var manifest = new ImageManifest(
            MediaTypes.ArtifactType,
            new Descriptor(MediaTypes.Config, Zero, 2),
            [new Descriptor("a/b+c", Zero, 3) { Annotations = new Dictionary<string, string> { ["b"] = "größer <\"\\\n", ["B"] = "1" } }]);
        Assert.Equal(
            "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"artifactType\":\"application/vnd.nf-runtime.capsule.v1\","
            + "\"config\":{\"mediaType\":\"application/vnd.nf-runtime.capsule.config.v1+json\",\"digest\":\"" + ZeroText + "\",\"size\":2},"
            + "\"layers\":[{\"mediaType\":\"a/b+c\",\"digest\":\"" + ZeroText + "\",\"size\":3,\"annotations\":{\"B\":\"1\",\"b\":\"größer <\\\"\\\\\\n\"}}]}",
            Encoding.UTF8.GetString(OciWriter.Write(manifest)));
    }

    [Fact]
    public void An_index_is_read_back_and_unknown_members_are_ignored()
    {
        var index = new ImageIndex([new Descriptor(MediaTypes.ImageManifest, Zero, 2) { ArtifactType = "x", Platform = new Platform("arm", "none", "v7") }])
        {
            ArtifactType = "y",
            Annotations = new Dictionary<string, string> { ["k"] = "v" },
        };
        string text = Encoding.UTF8.GetString(OciWriter.Write(index));
        ImageIndex read = OciReader.ReadIndex(Encoding.UTF8.GetBytes("{\"future\":[1]," + text[1..]), "index");
        Assert.Equal(("y", "v", new Platform("arm", "none", "v7"), "x"), (read.ArtifactType, read.Annotations["k"], read.Manifests.Single().Platform, read.Manifests.Single().ArtifactType));
        Assert.Equal(text, Encoding.UTF8.GetString(OciWriter.Write(read)));
    }
}
