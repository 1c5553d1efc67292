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
