using System;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace NfRuntime.Images;

/// <summary>A SHA-256 digest: <c>sha256:</c> and 64 lower-case hex digits. No other algorithm exists here.</summary>
public sealed record Digest : IComparable<Digest>
{
    public const int ByteCount = 32;
    public const int ShortLength = 12;
    private const string Prefix = "sha256:";

    private Digest(string hex) => Hex = hex;

    /// <summary>64 lower-case hex digits.</summary>
    public string Hex { get; }

    /// <summary>The first 12 hex digits, for people; accepted wherever a digest is.</summary>
    public string Short => Hex[..ShortLength];

    /// <summary>The digest of <paramref name="content"/>.</summary>
    public static Digest Of(ReadOnlySpan<byte> content) => FromBytes(SHA256.HashData(content));

    /// <summary>Takes 32 raw bytes.</summary>
    /// <exception cref="ArgumentException">Not 32 bytes.</exception>
    public static Digest FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length == ByteCount
        ? new Digest(Convert.ToHexStringLower(bytes))
        : throw new ArgumentException($"a SHA-256 digest has {ByteCount} bytes, not {bytes.Length}", nameof(bytes));

    /// <summary>Reads <c>sha256:…</c>; anything else (other algorithm, upper case, other length) is refused.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Digest? digest)
    {
        digest = text is not null && text.Length == Prefix.Length + (2 * ByteCount)
            && text.StartsWith(Prefix, StringComparison.Ordinal) && IsLowerHex(text.AsSpan(Prefix.Length))
                ? new Digest(text[Prefix.Length..])
                : null;
        return digest is not null;
    }

    /// <exception cref="FormatException">Not a sha256 digest.</exception>
    public static Digest Parse(string text) => TryParse(text, out Digest? digest)
        ? digest
        : throw new FormatException("not a digest of the form sha256:<64 lower-case hex digits>");

    /// <summary>The 32 raw bytes, a new array.</summary>
    public byte[] ToByteArray() => Convert.FromHexString(Hex);

    public int CompareTo(Digest? other) => string.CompareOrdinal(Hex, other?.Hex);

    public override string ToString() => Prefix + Hex;

    public static bool operator <(Digest left, Digest right) => Compare(left, right) < 0;

    public static bool operator >(Digest left, Digest right) => Compare(left, right) > 0;

    public static bool operator <=(Digest left, Digest right) => Compare(left, right) <= 0;

    public static bool operator >=(Digest left, Digest right) => Compare(left, right) >= 0;

    internal static bool IsLowerHex(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (!char.IsAsciiHexDigitLower(c))
            {
                return false;
            }
        }

        return text.Length > 0;
    }

    private static int Compare(Digest? left, Digest? right) => string.CompareOrdinal(left?.Hex, right?.Hex);
}
