using System;
using System.Diagnostics.CodeAnalysis;

namespace NfRuntime.Images.Signing;

/// <summary>The first 8 bytes of SHA-256(x‖y) of a public key, written as 16 lower-case hex digits.</summary>
public sealed record KeyId
{
    public const int ByteCount = 8;

    private KeyId(string hex) => Hex = hex;

    public string Hex { get; }

    /// <exception cref="ArgumentException">Not 8 bytes.</exception>
    public static KeyId FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length == ByteCount
        ? new KeyId(Convert.ToHexStringLower(bytes))
        : throw new ArgumentException($"a key id has {ByteCount} bytes, not {bytes.Length}", nameof(bytes));

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out KeyId? id)
    {
        id = text is { Length: 2 * ByteCount } && Digest.IsLowerHex(text) ? new KeyId(text) : null;
        return id is not null;
    }

    /// <summary>The 8 raw bytes, a new array.</summary>
    public byte[] ToByteArray() => Convert.FromHexString(Hex);

    public override string ToString() => Hex;
}
