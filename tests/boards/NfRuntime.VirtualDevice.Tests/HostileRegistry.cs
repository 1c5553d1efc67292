using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Images;
using NfRuntime.Images.Oci;
using NfRuntime.Images.Tests.Registry;

namespace NfRuntime.VirtualDevice.Tests;

/// <summary>A registry with a repository for every way of answering a Range wrongly; what it has is an image store's.</summary>
internal sealed class HostileRegistry : IAsyncDisposable
{
    private readonly ImageStore _store;
    private readonly LoopbackServer _server;
    private readonly Dictionary<string, Func<Reply, byte[], Reply>> _kinds;
    private int _given;

    public HostileRegistry(ImageStore store)
    {
        _store = store;
        _server = new LoopbackServer(Answer);
        _kinds = new()
        {
            ["good"] = (right, _) => right,
            ["wrong"] = (right, _) => right with { Body = [.. right.Body.Select(b => (byte)~b)] },
            ["endless"] = (right, _) => right with { Length = -1, Endless = true },
            ["longer"] = (right, _) => right with { Body = [.. right.Body, .. new byte[100]] },
            ["whole"] = (_, blob) => new Reply(200, blob),
            ["truncated"] = (right, _) => right with { Body = [.. right.Body, 0], CutAfter = right.Body.Length / 2 },
            ["shifted"] = (right, blob) => new Reply(206, right.Body, ("Content-Range", $"bytes 7-{6 + right.Body.Length}/{blob.Length}")),
            ["elsewhere"] = (_, _) => Reply.Empty(307, ("Location", $"http://{Inside.Host}/v2/stolen")),
            ["locked"] = (_, _) => Reply.Empty(401, ("WWW-Authenticate", $"Bearer realm=\"http://{Inside.Host}/token\"")),
            ["broken"] = (_, _) => Reply.Empty(503),
            ["missing"] = (_, _) => Reply.Empty(404),
            ["gone"] = (_, _) => Reply.Cut,
            ["dying"] = (right, _) => ++_given <= 3 ? right : Reply.Cut, // in mid-blob: the manifest is one range
        };
    }

    public IEnumerable<string> Kinds => _kinds.Keys;

    /// <summary>Where answers lead; nobody may go there.</summary>
    public LoopbackServer Inside { get; } = new(_ => new Reply(200, "inside"u8.ToArray()));

    /// <summary>Whether the client closed the first endless body.</summary>
    public Task<bool> EndedByClient => _server.EndedByClient;

    public string Url(string kind) => $"http://{_server.Host}/v2/{kind}";

    public int Requests(string kind) => _server.Of("GET", $"/v2/{kind}/").Count();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await Inside.DisposeAsync();
    }

    private Reply Answer(SeenRequest request)
    {
        string[] path = request.Path.Split('/');
        long[] ends = [.. request.Header("Range")!["bytes=".Length..].Split('-').Select(long.Parse)];
        _ = Digest.TryParse(path[^1], out Digest? digest);
        byte[] blob = System.IO.File.ReadAllBytes(System.IO.Path.Combine(_store.Root, "blobs", "sha256", digest!.Hex));
        var right = new Reply(206, blob[(int)ends[0]..((int)ends[1] + 1)], ("Content-Range", $"bytes {ends[0]}-{ends[1]}/{blob.Length}"));
        return _kinds[path[2]](right, blob);
    }
}
