using System;
using System.Linq;
using NfRuntime.Images;

namespace NfRuntime.Fleet.Protocol;

/// <summary>What a topic is about: PROTOCOL.md §1.</summary>
public enum TopicKind
{
    Desired,
    Online,
    Capabilities,
    State,
    Want,
    Log,
    Stats,
    Keys,
    Blob,
    Presence,
}

/// <summary>A topic that was taken apart.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Name">The device or distributor, the digest's 64 digits, or "" for the key list.</param>
public readonly record struct ParsedTopic(TopicKind Kind, string Name);

/// <summary>The topics of one tenant.</summary>
public sealed class Topics
{
    private const int MaxName = 32;
    private readonly string _prefix;

    /// <exception cref="ArgumentException">Not a tenant's name.</exception>
    public Topics(string tenant)
    {
        Tenant = IsName(tenant) ? tenant : throw new ArgumentException("a tenant's name is 1 to 32 of a-z, 0-9 and -", nameof(tenant));
        _prefix = $"nfr/{tenant}/";
    }

    public string Tenant { get; }

    public string Keys => _prefix + "keys";

    /// <summary>Filter of everything that devices publish.</summary>
    public string AllDevices => _prefix + "d/+/#";

    /// <summary>Filter of all wants.</summary>
    public string AllWants => _prefix + "d/+/want";

    /// <summary>Filter of all distributors' presence.</summary>
    public string AllPresence => _prefix + "p/+";

    /// <summary>1 … 32 of <c>[a-z0-9-]</c>.</summary>
    public static bool IsName(string? name) => name is { Length: >= 1 and <= MaxName } && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    public string Device(string device, TopicKind kind) => $"{_prefix}d/{device}/{Leaf(kind)}";

    public string Blob(Digest digest)
    {
        ArgumentNullException.ThrowIfNull(digest);
        return $"{_prefix}b/{digest.Hex}";
    }

    public string Presence(string distributor) => $"{_prefix}p/{distributor}";

    /// <summary>Takes a topic of this tenant apart; null for any other.</summary>
    public ParsedTopic? Parse(string topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        if (!topic.StartsWith(_prefix, StringComparison.Ordinal))
        {
            return null;
        }

        return topic[_prefix.Length..].Split('/') switch
        {
            ["keys"] => new ParsedTopic(TopicKind.Keys, ""),
            ["d", var device, var leaf] when IsName(device) && KindOf(leaf) is { } kind => new ParsedTopic(kind, device),
            ["b", var hex] when Digest.TryParse("sha256:" + hex, out _) => new ParsedTopic(TopicKind.Blob, hex),
            ["p", var name] when IsName(name) => new ParsedTopic(TopicKind.Presence, name),
            _ => null,
        };
    }

    private static string Leaf(TopicKind kind) => kind switch
    {
        TopicKind.Desired => "desired",
        TopicKind.Online => "online",
        TopicKind.Capabilities => "cap",
        TopicKind.State => "state",
        TopicKind.Want => "want",
        TopicKind.Log => "log",
        TopicKind.Stats => "stats",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not a topic of a device"),
    };

    private static TopicKind? KindOf(string leaf) => leaf switch
    {
        "desired" => TopicKind.Desired,
        "online" => TopicKind.Online,
        "cap" => TopicKind.Capabilities,
        "state" => TopicKind.State,
        "want" => TopicKind.Want,
        "log" => TopicKind.Log,
        "stats" => TopicKind.Stats,
        _ => null,
    };
}
