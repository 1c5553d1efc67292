using System;
using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Images.Signing;

/// <summary>Which publishers a device trusts, signed by the root key: firmware/capsule/SPEC.md, section 4.</summary>
/// <param name="Version">Monotonic: a device refuses a lower one.</param>
/// <param name="Keys">At most 16, distinct.</param>
/// <param name="Revoked">At most 32, distinct; revocation wins over <paramref name="Keys"/>.</param>
public sealed record KeyList(uint Version, IReadOnlyList<PublisherKey> Keys, IReadOnlyList<KeyId> Revoked)
{
    public const int MaxKeys = 16;
    public const int MaxRevoked = 32;

    /// <summary>The key, unless it is unknown or revoked.</summary>
    public PublisherKey? Find(KeyId id) => Revoked.Contains(id) ? null : Keys.FirstOrDefault(k => k.PublicKey.Id == id);

    /// <summary>The next version with this key; its prefixes replace those that it had.</summary>
    /// <exception cref="KeyException">The key is revoked, which is for ever.</exception>
    public KeyList With(PublisherKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Revoked.Contains(key.PublicKey.Id)
            ? throw new KeyException($"key {key.PublicKey.Id} is revoked") { Remedy = "Make a new key; a revoked one is never trusted again." }
            : new KeyList(checked(Version + 1), [.. Keys.Where(k => k.PublicKey.Id != key.PublicKey.Id), key], Revoked);
    }

    /// <summary>The next version, in which this key is revoked. It leaves the keys too, to make room.</summary>
    /// <exception cref="KeyException">It is revoked already.</exception>
    public KeyList WithRevoked(KeyId id) => Revoked.Contains(id)
        ? throw new KeyException($"key {id} is revoked already")
        : new KeyList(checked(Version + 1), [.. Keys.Where(k => k.PublicKey.Id != id)], [.. Revoked, id]);
}

/// <summary>A publisher's key and the names that it may sign.</summary>
/// <param name="PublicKey">The key.</param>
/// <param name="Prefixes">1…8, each at most 64 of <c>[a-z0-9._/-]</c>; the empty one covers every name.</param>
public sealed record PublisherKey(PublicKey PublicKey, IReadOnlyList<string> Prefixes)
{
    public const int MaxPrefixes = 8;

    /// <summary>Whether a prefix covers <paramref name="name"/>: equal, or followed by <c>/</c>.</summary>
    public bool Covers(string name) => Prefixes.Any(p => Covers(p, name));

    private static bool Covers(string prefix, string name) => prefix.Length == 0
        || (name.StartsWith(prefix, StringComparison.Ordinal)
            && (name.Length == prefix.Length || prefix[^1] == '/' || name[prefix.Length] == '/'));
}
