using NfRuntime.Images.Oci;
using Xunit;

namespace NfRuntime.Images.Tests.Oci;

public class ImageReferenceTests
{
    private const string Hex = "9b1f0c22a7e49b1f0c22a7e49b1f0c22a7e49b1f0c22a7e49b1f0c22a7e40000";

    [Theory]
    [InlineData("fashion", null, "fashion", "latest", false)]
    [InlineData("fashion:2", null, "fashion", "2", false)]
    [InlineData("factory/line-3/keys:v1.0_rc-2", null, "factory/line-3/keys", "v1.0_rc-2", false)]
    [InlineData("localhost/fashion:2", "localhost", "fashion", "2", false)]
    [InlineData("127.0.0.1:5000/a/b:2", "127.0.0.1:5000", "a/b", "2", false)]
    [InlineData("registry.example.com/fashion", "registry.example.com", "fashion", "latest", false)]
    [InlineData("fashion@sha256:" + Hex, null, "fashion", null, true)]
    [InlineData("host:1/fashion:2@sha256:" + Hex, "host:1", "fashion", "2", true)]
    public void References_fall_into_their_parts(string text, string? host, string name, string? tag, bool digest)
    {
        ImageReference reference = ImageReference.Parse(text);
        Assert.Equal((host, name, tag, digest), (reference.Host, reference.Name, reference.Tag, reference.Digest is not null));
        Assert.Equal(reference, ImageReference.Parse(reference.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData(":2")]
    [InlineData("Fashion:2")]
    [InlineData("fashion:")]
    [InlineData("fashion:-2")]
    [InlineData("fashion:2:3")]
    [InlineData("fashion@sha256:12")]
    [InlineData("fashion@")]
    [InlineData("host:99999/fashion")]
    [InlineData("host:x/fashion")]
    [InlineData("../fashion:1")]
    [InlineData("a..b/fashion:1")]
    [InlineData("/fashion:1")]
    [InlineData("fashion/:1")]
    [InlineData("fashion 2")]
    public void Anything_else_is_refused(string text) =>
        Assert.Equal(StoreError.Reference, Assert.Throws<ImageStoreException>(() => ImageReference.Parse(text)).Error);
}
