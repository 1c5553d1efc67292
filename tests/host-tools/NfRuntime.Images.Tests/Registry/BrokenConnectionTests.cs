using System;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Images.Oci;
using NfRuntime.Images.Registry;
using Xunit;

namespace NfRuntime.Images.Tests.Registry;

/// <summary>Connections that break and servers that fail for a while. No test looks at a clock: the waits are recorded.</summary>
public sealed class BrokenConnectionTests : RegistryTest
{
    private static readonly Descriptor Layer = LargestLayer(One);
    private static readonly byte[] Content = ContentOf(One, Layer);

    public BrokenConnectionTests() => Registry.Seed(One, "fashion", "1");

    [Fact]
    public async Task A_download_goes_on_where_it_broke_off()
    {
        InsteadOf(Layer, _ => new Reply(200, Content) { CutAfter = 1000 }, r => FakeRegistry.Part(Content, From(r)) with { CutAfter = 500 });
        await PullAsync();
        Assert.Equal(["whole", $"bytes=1000-{Content.Length - 1}", $"bytes=1500-{Content.Length - 1}"], Ranges());
        Assert.Equal([0.25, 0.5], Waits);
        Assert.Equal(Content, Store.Fetch(Layer));
    }

    [Fact]
    public async Task A_body_without_length_that_ends_early_goes_on_as_well()
    {
        InsteadOf(Layer, _ => new Reply(200, Content[..1000]) { Length = -1 });
        await PullAsync();
        Assert.Equal(["whole", $"bytes=1000-{Content.Length - 1}"], Ranges());
    }

    [Fact]
    public async Task A_registry_without_ranges_begins_again()
    {
        InsteadOf(Layer, _ => new Reply(200, Content) { CutAfter = 1000 }, _ => new Reply(200, Content));
        await PullAsync();
        Assert.Equal(2, Ranges().Length);
        Assert.Equal(Content, Store.Fetch(Layer));
    }

    [Theory]
    [InlineData("bytes 0-99/100")]
    [InlineData("bytes 999-5000/5001")]
    [InlineData("bytes 1000-1001/5001")]
    [InlineData(null)]
    public async Task Another_range_than_the_one_asked_for_is_refused(string? range)
    {
        InsteadOf(Layer, _ => new Reply(200, Content) { CutAfter = 1000 }, _ => new Reply(206, Content[1000..], range is null ? [] : [("Content-Range", range)]));
        await PullFailsAsync(RegistryError.Untrusted, "asked for bytes from 1000 on");
    }

    [Fact]
    public async Task A_blob_that_always_breaks_off_is_given_up_after_five_attempts()
    {
        InsteadOf(Layer, Enumerable.Repeat((SeenRequest r) => FakeRegistry.Part(Content, From(r)) with { CutAfter = 10 }, 100));
        await PullFailsAsync(RegistryError.Unreachable, "broke");
        Assert.Equal(5, Ranges().Length);
        Assert.Equal([0.25, 0.5, 1, 2], Waits);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    [InlineData(429)]
    public async Task An_error_that_passes_is_waited_for(int status)
    {
        int left = 3;
        Registry.Instead = r => r.Path.EndsWith("/manifests/1", StringComparison.Ordinal) && left-- > 0 ? Reply.Empty(status) : null;
        await PullAsync();
        Assert.Equal([0.25, 0.5, 1], Waits);
    }

    [Fact]
    public async Task An_error_that_does_not_pass_is_an_error()
    {
        Registry.Instead = _ => Reply.Empty(503);
        await PullFailsAsync(RegistryError.Unreachable, "answers 503");
        Assert.Equal(5, Registry.Server.Requests.Count);
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("0", 0.25)]
    [InlineData("99999", 30)]
    [InlineData("soon", 0.25)]
    public async Task The_registry_says_how_long_to_wait_up_to_half_a_minute(string asked, double waited)
    {
        int left = 1;
        Registry.Instead = _ => left-- > 0 ? Reply.Empty(429, ("Retry-After", asked)) : null;
        await PullAsync();
        Assert.Equal([waited], Waits);
    }

    [Fact]
    public async Task Errors_that_stay_are_not_asked_again()
    {
        Registry.Instead = _ => Reply.Empty(400);
        await PullFailsAsync(RegistryError.Refused, "answers 400");
        Assert.Single(Registry.Server.Requests);
    }

    [Fact]
    public async Task Nobody_at_the_port_and_no_such_name_are_said_at_once()
    {
        await Registry.DisposeAsync();
        await PullFailsAsync(RegistryError.Unreachable, "cannot be reached");
        Options = Options with { Resolve = (_, _) => Task.FromResult(Array.Empty<System.Net.IPAddress>()) };
        await PullFailsAsync(RegistryError.Unreachable, "registry.example has no address", host: "registry.example");
        Assert.Empty(Waits);
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_up()
    {
        Options = Options with { AnswerTimeout = TimeSpan.FromMilliseconds(1), LeastBytesPerSecond = long.MaxValue };
        Registry.Instead = _ => new Reply(200, []) { Length = 10 };
        await PullFailsAsync(RegistryError.Unreachable, "does not answer in time");
    }

    [Fact]
    public async Task A_broken_upload_begins_again_in_a_session_of_its_own()
    {
        int left = 2;
        Registry.Instead = r => r.Method == "PUT" && r.Path.Contains("/uploads/", StringComparison.Ordinal) && r.Body.Length == Content.Length && left-- > 0 ? left == 1 ? Reply.Cut : Reply.Empty(500) : null;
        await PushAsync(One, "other:1");
        Assert.Equal(Content, Registry.Blobs[$"other@{Layer.Digest}"]);
        Assert.Equal([0.25, 0.5], Waits);
    }

    [Fact]
    public async Task A_broken_chunk_goes_on_with_what_the_registry_has()
    {
        Options = Options with { ChunkBytes = 1000 };
        var broken = 0;
        Registry.Instead = r =>
        {
            if (r.Method != "PATCH" || r.Header("Content-Range") != "2000-2999" || broken++ > 0)
            {
                return null;
            }

            return Reply.Cut;
        };
        await PushAsync(One, "other:1");
        Assert.Equal(Content, Registry.Blobs[$"other@{Layer.Digest}"]);
        Assert.NotEmpty(Registry.Server.Of("GET", "/uploads/"));
        Assert.Equal([0.25], Waits);
    }

    [Theory]
    [InlineData("0-99999999")]
    [InlineData("5-10")]
    [InlineData("all of it")]
    public async Task A_registry_that_has_bytes_that_were_never_sent_is_refused(string range)
    {
        Options = Options with { ChunkBytes = 1000 };
        Registry.Instead = r => r.Method == "PATCH" ? Reply.Empty(202, ("Location", "/v2/other/blobs/uploads/s1"), ("Range", range)) : null;
        RegistryException refused = await Assert.ThrowsAsync<RegistryException>(() => PushAsync(One, "other:1"));
        Assert.Contains("bytes outside", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_registry_that_takes_no_further_byte_is_not_asked_forever()
    {
        Options = Options with { ChunkBytes = 1000 };
        Registry.Instead = r => r.Method == "PATCH" ? Reply.Empty(202, ("Location", "/v2/other/blobs/uploads/s1"), ("Range", "0-999")) : null;
        RegistryException refused = await Assert.ThrowsAsync<RegistryException>(() => PushAsync(One, "other:1"));
        Assert.Contains("takes no further bytes after 1000", refused.Message, StringComparison.Ordinal);
    }

    private static int From(SeenRequest request) => request.Header("Range") is { } range ? int.Parse(range["bytes=".Length..].Split('-')[0], null) : 0;

    private string[] Ranges() => [.. Registry.Server.Of("GET", Layer.Digest.ToString()).Select(r => r.Header("Range") ?? "whole")];
}
