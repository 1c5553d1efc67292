using System;
using System.Linq;
using System.Net;
using System.Threading.Tasks;
using NfRuntime.Images.Oci;
using NfRuntime.Images.Registry;
using Xunit;

namespace NfRuntime.Images.Tests.Registry;

/// <summary>Where a registry may lead, and what goes there.</summary>
public sealed class RedirectTests : RegistryTest
{
    private static readonly Descriptor Layer = LargestLayer(One);
    private static readonly byte[] Content = ContentOf(One, Layer);
    private readonly LoopbackServer _elsewhere = new(_ => new Reply(200, Content));

    public RedirectTests() => Registry.Seed(One, "fashion", "1");

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_blob_may_lie_elsewhere_and_no_login_goes_there(int status)
    {
        Options = Options with { Credential = new RegistryCredential("ada", "secret") };
        bool authorized = false;
        Registry.Instead = r =>
        {
            authorized |= r.Header("Authorization") is not null;
            return r.Header("Authorization") is null ? Reply.Empty(401, ("WWW-Authenticate", "Basic realm=\"x\""))
                : r.Method == "GET" && r.Path.Contains(Layer.Digest.Hex, StringComparison.Ordinal) ? Reply.Empty(status, ("Location", $"http://{_elsewhere.Host}/bucket/blob?signature=1")) : null;
        };
        await PullAsync();
        SeenRequest there = Assert.Single(_elsewhere.Requests);
        Assert.Equal(("GET /bucket/blob?signature=1", null, true), (there.ToString(), there.Header("Authorization"), authorized));
        Assert.Equal(Content, Store.Fetch(Layer));
    }

    [Fact]
    public async Task A_redirect_within_the_registry_keeps_the_login()
    {
        Options = Options with { Credential = new RegistryCredential("ada", "secret") };
        Registry.Instead = r => r.Header("Authorization") is null ? Reply.Empty(401, ("WWW-Authenticate", "Basic realm=\"x\""))
            : r.Path == "/moved" ? new Reply(200, Content)
            : r.Path.Contains(Layer.Digest.Hex, StringComparison.Ordinal) ? Reply.Empty(307, ("Location", "/moved")) : null;
        await PullAsync();
        Assert.NotNull(Assert.Single(Registry.Server.Of("GET", "/moved")).Header("Authorization"));
    }

    [Fact]
    public async Task A_download_elsewhere_goes_on_where_it_broke_off()
    {
        int cut = 0;
        await using var cutting = new LoopbackServer(r => cut++ == 0 ? new Reply(200, Content) { CutAfter = 100 } : FakeRegistry.Part(Content, 100));
        InsteadOf(Layer, _ => Reply.Empty(307, ("Location", $"http://{cutting.Host}/")), _ => Reply.Empty(307, ("Location", $"http://{cutting.Host}/")));
        await PullAsync();
        Assert.Equal([null, $"bytes=100-{Content.Length - 1}"], cutting.Requests.Select(r => r.Header("Range")));
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public async Task Three_redirects_are_followed(int count, bool follows)
    {
        int left = count;
        Registry.Instead = r => r.Path.Contains(Layer.Digest.Hex, StringComparison.Ordinal) && left-- > 0 ? Reply.Empty(307, ("Location", r.Path)) : null;
        if (follows)
        {
            await PullAsync();
        }
        else
        {
            await PullFailsAsync(RegistryError.Untrusted, "more than 3 times");
        }
    }

    [Theory]
    [InlineData("ftp://127.0.0.1/x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://user:secret@127.0.0.1/x")]
    [InlineData("http://192.0.2.1/x")]
    [InlineData("http://registry.example/x")]
    [InlineData(null)]
    public async Task A_place_where_no_redirect_may_lead(string? location)
    {
        InsteadOf(Layer, _ => Reply.Empty(307, location is null ? [] : [("Location", location)]));
        await PullFailsAsync(RegistryError.Untrusted, "redirects to");
    }

    [Theory]
    [InlineData("/manifests/1")]
    [InlineData("/manifests/sha256:")]
    public async Task Manifests_are_not_redirected(string path)
    {
        Registry.Instead = r => r.Path.Contains(path, StringComparison.Ordinal) ? Reply.Empty(307, ("Location", $"http://{_elsewhere.Host}/")) : null;
        await PullFailsAsync(RegistryError.Untrusted, "followed for blobs only");
        Assert.Empty(_elsewhere.Requests);
    }

    [Fact]
    public async Task Uploads_go_nowhere_else()
    {
        Registry.Instead = r => r.Method == "POST" ? Reply.Empty(202, ("Location", $"http://{_elsewhere.Host}/upload")) : null;
        RegistryException refused = await Assert.ThrowsAsync<RegistryException>(() => PushAsync(One, "other:1"));
        Assert.Equal((RegistryError.Untrusted, 0), (refused.Error, _elsewhere.Requests.Count));
        Registry.Instead = r => r.Method == "PUT" ? Reply.Empty(307, ("Location", $"http://{_elsewhere.Host}/upload")) : null;
        Assert.Equal(RegistryError.Untrusted, (await Assert.ThrowsAsync<RegistryException>(() => PushAsync(One, "other:1"))).Error);
        Assert.Empty(_elsewhere.Requests);
    }

    // The registry listens on 127.0.0.1, which counts here as the address of its name; the place that it leads to as one of another reach.
    [Theory]
    [InlineData("Public", "Local", false)]
    [InlineData("Public", "Private", false)]
    [InlineData("Private", "Local", false)]
    [InlineData("Private", "Private", true)]
    [InlineData("Private", "Public", true)]
    [InlineData("Local", "Private", true)]
    public async Task A_name_leads_to_no_address_further_inside(string registry, string place, bool follows)
    {
        IPAddress inner = IPAddress.Parse("127.0.0.2");
        Options = Options with
        {
            PlainHttp = true,
            Resolve = (name, _) => Task.FromResult<IPAddress[]>([name == "registry.example" ? IPAddress.Loopback : inner]),
            ReachOf = address => Enum.Parse<Reach>(address.Equals(inner) ? place : registry),
        };
        string host = $"registry.example:{Registry.Server.Port}";
        InsteadOf(Layer, _ => Reply.Empty(307, ("Location", "http://storage.example:9/blob")));
        // Nobody listens at 127.0.0.2:9: a refused connection says that the place was let through.
        await PullFailsAsync(follows ? RegistryError.Unreachable : RegistryError.Untrusted, follows ? "cannot be reached" : "storage.example (127.0.0.2), an address inside", host: host);
    }

    [Fact]
    public async Task A_name_of_this_machine_must_be_this_machine()
    {
        Options = Options with { Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("192.0.2.1")]) };
        await PullFailsAsync(RegistryError.Insecure, "localhost is not this machine: it resolves to 192.0.2.1", host: $"localhost:{Registry.Server.Port}");
    }

    [Theory]
    [InlineData("https://a.example/v2/", "https://b.example/x", true)]
    [InlineData("https://a.example/v2/", "http://b.example/x", false)]
    [InlineData("https://a.example/v2/", "http://a.example/x", false)]
    [InlineData("https://a.example/v2/", "/x", true)]
    [InlineData("https://a.example/v2/", "http://127.0.0.1/x", false)]
    [InlineData("http://127.0.0.1:5000/v2/", "http://localhost:1/x", true)]
    [InlineData("http://127.0.0.1:5000/v2/", "http://[::1]:1/x", true)]
    [InlineData("http://127.0.0.1:5000/v2/", "http://b.example/x", false)]
    [InlineData("http://127.0.0.1:5000/v2/", "https://b.example/x", true)]
    public void Tls_is_never_left(string from, string to, bool allowed)
    {
        var endpoint = new RegistryEndpoint("a.example", new RegistryOptions());
        Exception? refused = Record.Exception(() => endpoint.Follow(new Uri(from), new Uri(to, UriKind.RelativeOrAbsolute), "redirects"));
        Assert.Equal(allowed, refused is null);
    }

    [Theory]
    [InlineData("8.8.8.8", "Public")]
    [InlineData("172.15.255.255", "Public")]
    [InlineData("172.16.0.1", "Private")]
    [InlineData("172.31.255.255", "Private")]
    [InlineData("172.32.0.0", "Public")]
    [InlineData("10.1.2.3", "Private")]
    [InlineData("192.168.0.1", "Private")]
    [InlineData("100.64.0.1", "Private")]
    [InlineData("100.128.0.1", "Public")]
    [InlineData("127.1.2.3", "Local")]
    [InlineData("0.0.0.0", "Local")]
    [InlineData("169.254.169.254", "Local")]
    [InlineData("224.0.0.1", "Local")]
    [InlineData("255.255.255.255", "Local")]
    [InlineData("::1", "Local")]
    [InlineData("::", "Local")]
    [InlineData("fe80::1", "Local")]
    [InlineData("fd00::1", "Private")]
    [InlineData("2606:4700::1", "Public")]
    [InlineData("::ffff:127.0.0.1", "Local")]
    [InlineData("::ffff:10.0.0.1", "Private")]
    [InlineData("::127.0.0.1", "Local")]
    [InlineData("64:ff9b::7f00:1", "Local")]
    [InlineData("2002:7f00:1::", "Local")]
    [InlineData("2001::1", "Local")]
    public void Addresses_have_a_reach(string address, string reach) => Assert.Equal(reach, Reaches.Of(IPAddress.Parse(address)).ToString());
}
