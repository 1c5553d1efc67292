using System;
using System.Diagnostics.CodeAnalysis;
using NfRuntime.Images.Capsule;

namespace NfRuntime.Images.Oci;

/// <summary>
/// <c>[host[:port]/]name[:tag][@sha256:…]</c>. The first component is a host when it holds a dot or a colon or is <c>localhost</c>, and
/// something follows; the name is a capsule's (<see cref="ManifestText.IsName"/>); a tag is 1…128 of <c>[A-Za-z0-9_.-]</c>, the first one
/// no dot or dash. Without tag and digest, <c>latest</c> is meant.
/// </summary>
public sealed record ImageReference
{
    public const string DefaultTag = "latest";
    private const int MaxTagLength = 128;

    private ImageReference(string? host, string name, string? tag, Digest? digest) => (Host, Name, Tag, Digest) = (host, name, tag, digest);

    /// <summary>Registry with its port, or null: the local store.</summary>
    public string? Host { get; }

    public string Name { get; }

    /// <summary>Null only when there is a digest.</summary>
    public string? Tag { get; }

    public Digest? Digest { get; }

    /// <summary>Host and name.</summary>
    public string Repository => Host is null ? Name : $"{Host}/{Name}";

    /// <summary>What a store keeps as <c>org.opencontainers.image.ref.name</c>; null without a tag.</summary>
    public string? TagName => Tag is null ? null : $"{Repository}:{Tag}";

    /// <exception cref="ImageStoreException">Not a reference.</exception>
    public static ImageReference Parse(string text) => TryParse(text, out ImageReference? reference)
        ? reference
        : throw new ImageStoreException(StoreError.Reference, $"\"{text}\" is no image reference", "Write [host[:port]/]name[:tag][@sha256:…], for example fashion:2.");

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ImageReference? reference)
    {
        reference = null;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        Digest? digest = null;
        int at = text.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0 && !Digest.TryParse(text[(at + 1)..], out digest))
        {
            return false;
        }

        string rest = at < 0 ? text : text[..at];
        (string? host, rest) = SplitHost(rest);
        int colon = rest.IndexOf(':', StringComparison.Ordinal);
        string? tag = colon >= 0 ? rest[(colon + 1)..] : digest is null ? DefaultTag : null;
        string name = colon < 0 ? rest : rest[..colon];
        if (!ManifestText.IsName(name) || (tag is not null && !IsTag(tag)) || (host is not null && !IsHost(host)))
        {
            return false;
        }

        reference = new ImageReference(host, name, tag, digest);
        return true;
    }

    public override string ToString() => Repository + (Tag is null ? "" : ":" + Tag) + (Digest is null ? "" : "@" + Digest);

    private static (string? Host, string Path) SplitHost(string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            return (null, text);
        }

        string first = text[..slash];
        return first.Contains('.', StringComparison.Ordinal) || first.Contains(':', StringComparison.Ordinal) || first == "localhost"
            ? (first, text[(slash + 1)..])
            : (null, text);
    }

    private static bool IsTag(string tag)
    {
        if (tag.Length is 0 or > MaxTagLength || tag[0] is '.' or '-')
        {
            return false;
        }

        foreach (char c in tag)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-'))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsHost(string host)
    {
        int colon = host.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? host : host[..colon];
        if (colon >= 0 && !(ushort.TryParse(host.AsSpan(colon + 1), System.Globalization.NumberStyles.None, null, out ushort port) && port > 0))
        {
            return false;
        }

        return name.Length is > 0 and <= 253 && Uri.CheckHostName(name) is UriHostNameType.Dns or UriHostNameType.IPv4;
    }
}
