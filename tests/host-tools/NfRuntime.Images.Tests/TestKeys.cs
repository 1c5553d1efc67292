using System.Security.Cryptography;
using System.Text;
using NfRuntime.Images.Signing;

namespace NfRuntime.Images.Tests;

/// <summary>Keys that anybody can compute: TEST ONLY. Each scalar is the SHA-256 of a sentence.</summary>
internal static class TestKeys
{
    public static SigningKey Root { get; } = Of("root");

    public static SigningKey OtherRoot { get; } = Of("other root");

    /// <summary>In the test key list for "fashion" and "factory/".</summary>
    public static SigningKey Publisher { get; } = Of("publisher");

    /// <summary>In the test key list for every name.</summary>
    public static SigningKey Universal { get; } = Of("universal");

    /// <summary>In the test key list among the keys and among the revoked.</summary>
    public static SigningKey Revoked { get; } = Of("revoked");

    /// <summary>In no list.</summary>
    public static SigningKey Stranger { get; } = Of("stranger");

    public static KeyList List { get; } = new(
        3,
        [new(Publisher.PublicKey, ["fashion", "factory/"]), new(Universal.PublicKey, [""]), new(Revoked.PublicKey, [""])],
        [Revoked.PublicKey.Id]);

    public static SigningKey Of(string name) => SigningKey.FromScalar(SHA256.HashData(Encoding.ASCII.GetBytes($"nf-runtime test key, never for use: {name}")));
}
