using System;
using System.Buffers;

namespace NfRuntime.Images.Capsule;

/// <summary>Alphabets of the manifest's strings (firmware/capsule/SPEC.md, section 1).</summary>
public static class ManifestText
{
    public const int MaxNameLength = 64;
    public const int MaxVersionLength = 32;
    public const int MaxTargetLength = 32;
    public const int MaxProcessorLength = 96;

    private const string Lower = "abcdefghijklmnopqrstuvwxyz";
    private const string Digits = "0123456789";
    private const string Separators = "._-/";
    private const string Letters = Lower + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + Digits;
    private static readonly SearchValues<char> NameBody = SearchValues.Create(Lower + Digits + Separators);
    private static readonly SearchValues<char> Version = SearchValues.Create(Letters + ".+-");
    private static readonly SearchValues<char> Target = SearchValues.Create(Lower + Digits + "-");
    private static readonly SearchValues<char> Processor = SearchValues.Create(Letters + "_.+");

    /// <summary>Whether <paramref name="text"/> is a capsule name: <c>[a-z0-9]</c> with single <c>. _ - /</c> between, at most 64.</summary>
    public static bool IsName(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > MaxNameLength || text.ContainsAnyExcept(NameBody))
        {
            return false;
        }

        bool separator = true;
        foreach (char c in text)
        {
            bool now = Separators.Contains(c);
            if (now && separator)
            {
                return false;
            }

            separator = now;
        }

        return !separator;
    }

    /// <summary>1…32 of <c>[0-9A-Za-z.+-]</c>.</summary>
    public static bool IsVersion(ReadOnlySpan<char> text) => Within(text, MaxVersionLength, Version);

    /// <summary>1…32 of <c>[0-9a-z-]</c>.</summary>
    public static bool IsTarget(ReadOnlySpan<char> text) => Within(text, MaxTargetLength, Target);

    /// <summary>1…96 of <c>[0-9A-Za-z_.+]</c>.</summary>
    public static bool IsProcessor(ReadOnlySpan<char> text) => Within(text, MaxProcessorLength, Processor);

    /// <summary>A key's prefix: at most 64 of <c>[a-z0-9._/-]</c>; empty covers every name.</summary>
    public static bool IsPrefix(ReadOnlySpan<char> text) => text.Length <= MaxNameLength && !text.ContainsAnyExcept(NameBody);

    private static bool Within(ReadOnlySpan<char> text, int max, SearchValues<char> alphabet) =>
        text.Length >= 1 && text.Length <= max && !text.ContainsAnyExcept(alphabet);
}
