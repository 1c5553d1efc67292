using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NfRuntime.Images.Oci;

namespace NfRuntime.Images.Tests.Registry;

/// <summary>A registry in this process that does as the distribution API says, except where a test answers in its place.</summary>
internal sealed class FakeRegistry : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, byte[]> _uploads = new();
    private int _sessions;

    public FakeRegistry() => Server = new LoopbackServer(Answer);

    public LoopbackServer Server { get; }

    public string Host => Server.Host;

    /// <summary>Answers in the registry's place; null: the registry does.</summary>
    public Func<SeenRequest, Reply?> Instead { get; set; } = _ => null;

    /// <summary>By <c>repository@digest</c>.</summary>
    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new();

    /// <summary>By <c>repository:tag</c> and <c>repository:digest</c>.</summary>
    public ConcurrentDictionary<string, (string MediaType, byte[] Content)> Manifests { get; } = new();

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    /// <summary>Puts a whole image there.</summary>
    public void Seed(ImageContent image, string repository, string tag)
    {
        IReadOnlyList<ImageVariant> variants = ImageWalk.Variants(image.Root, (d, _) => image.Blobs[d.Digest].ToArray());
        foreach (Descriptor manifest in variants.Select(v => v.Descriptor).Append(image.Root))
        {
            Manifests[$"{repository}:{manifest.Digest}"] = (manifest.MediaType, image.Blobs[manifest.Digest].ToArray());
        }

        foreach (Descriptor blob in variants.SelectMany(v => v.Content))
        {
            Blobs[$"{repository}@{blob.Digest}"] = image.Blobs[blob.Digest].ToArray();
        }

        Manifests[$"{repository}:{tag}"] = Manifests[$"{repository}:{image.Root.Digest}"];
    }

    /// <summary>A blob's answer as it should be, from an offset on.</summary>
    public static Reply Part(byte[] content, int from) => from == 0
        ? new Reply(200, content)
        : new Reply(206, content[from..], ("Content-Range", $"bytes {from}-{content.Length - 1}/{content.Length}"));

    private Reply Answer(SeenRequest request)
    {
        if (Instead(request) is { } reply)
        {
            return reply;
        }

        string[] path = request.Path.Split('?')[0].Split('/', StringSplitOptions.RemoveEmptyEntries);
        int kind = Array.FindIndex(path, p => p is "manifests" or "blobs");
        if (kind < 0)
        {
            return request.Path == "/v2/" ? new Reply(200, "{}"u8.ToArray()) : Reply.Empty(404);
        }

        string repository = string.Join('/', path[1..kind]);
        return path[kind] == "manifests" ? Manifest(request, repository, path[^1])
            : path[kind + 1] == "uploads" ? Upload(request, repository, path[^1])
            : Blob(request, $"{repository}@{path[^1]}");
    }

    private Reply Manifest(SeenRequest request, string repository, string tagOrDigest)
    {
        if (request.Method == "PUT")
        {
            var digest = Digest.Of(request.Body);
            Manifests[$"{repository}:{tagOrDigest}"] = Manifests[$"{repository}:{digest}"] = (request.Header("Content-Type")!, request.Body);
            return Reply.Empty(201, ("Docker-Content-Digest", digest.ToString()));
        }

        return Manifests.TryGetValue($"{repository}:{tagOrDigest}", out (string MediaType, byte[] Content) found)
            ? new Reply(200, found.Content, ("Content-Type", found.MediaType), ("Docker-Content-Digest", Digest.Of(found.Content).ToString()))
            : Reply.Empty(404);
    }

    private Reply Blob(SeenRequest request, string name)
    {
        if (!Blobs.TryGetValue(name, out byte[]? content))
        {
            return Reply.Empty(404);
        }

        if (request.Method == "HEAD" || request.Header("Range") is not { } range)
        {
            return new Reply(200, content);
        }

        int[] ends = [.. range["bytes=".Length..].Split('-').Select(n => int.Parse(n, null))];
        return ends[1] < content.Length
            ? new Reply(206, content[ends[0]..(ends[1] + 1)], ("Content-Range", $"bytes {ends[0]}-{ends[1]}/{content.Length}"))
            : Reply.Empty(416);
    }

    private Reply Upload(SeenRequest request, string repository, string session)
    {
        string[] query = request.Path.Split('?', 2) is [_, var after] ? after.Split('&') : [];
        string? Value(string name) => query.FirstOrDefault(q => q.StartsWith(name + "=", StringComparison.Ordinal)) is { } found ? Uri.UnescapeDataString(found[(name.Length + 1)..]) : null;
        switch (request.Method)
        {
            case "POST" when Value("mount") is { } digest && Blobs.TryGetValue($"{Value("from")}@{digest}", out byte[]? mounted):
                Blobs[$"{repository}@{digest}"] = mounted;
                return Reply.Empty(201, ("Docker-Content-Digest", digest));
            case "POST":
                string started = $"s{Interlocked.Increment(ref _sessions)}";
                _uploads[started] = [];
                return Reply.Empty(202, ("Location", $"/v2/{repository}/blobs/uploads/{started}?state=1"));
            case "PATCH":
                Append(session, request.Body);
                return Status(202, repository, session);
            case "GET":
                return Status(204, repository, session);
            default:
                Append(session, request.Body);
                byte[] content = _uploads[session];
                string actual = Digest.Of(content).ToString();
                if (actual != Value("digest"))
                {
                    return new Reply(400, """{"errors":[{"code":"DIGEST_INVALID","message":"provided digest did not match uploaded content"}]}"""u8.ToArray());
                }

                Blobs[$"{repository}@{actual}"] = content;
                return Reply.Empty(201, ("Docker-Content-Digest", actual));
        }
    }

    private void Append(string session, byte[] body) => _uploads[session] = [.. _uploads[session], .. body];

    private Reply Status(int status, string repository, string session) => Reply.Empty(
        status, ("Location", $"http://{Host}/v2/{repository}/blobs/uploads/{session}?state=1"), ("Range", $"0-{Math.Max(_uploads[session].Length - 1, 0)}"));
}
