using System;
using System.Collections.Generic;
using System.Text;

namespace NfRuntime.Images.Registry;

/// <summary>The parameters of a <c>WWW-Authenticate</c> challenge (RFC 9110, section 11.2): name = token or quoted string, separated by commas.</summary>
internal static class Challenge
{
    private const int MaxLength = 8192;
    private const int MaxParameters = 16;

    /// <summary>Names in lower case; null for text that is no list of parameters.</summary>
    public static IReadOnlyDictionary<string, string>? Parse(string? text)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        if (rest.Length > MaxLength)
        {
            return null;
        }

        while (rest.Length > 0)
        {
            int equals = rest.IndexOf('=');
            if (equals <= 0 || parameters.Count == MaxParameters)
            {
                return null;
            }

            string name = rest[..equals].Trim().ToString().ToLowerInvariant();
            if (ReadValue(rest[(equals + 1)..].TrimStart(), out rest) is not { } value || !parameters.TryAdd(name, value))
            {
                return null;
            }
        }

        return parameters;
    }

    private static string? ReadValue(ReadOnlySpan<char> text, out ReadOnlySpan<char> rest)
    {
        if (text is ['"', ..])
        {
            return ReadQuoted(text[1..], out rest);
        }

        int comma = text.IndexOf(',');
        rest = comma < 0 ? [] : text[(comma + 1)..].TrimStart();
        return (comma < 0 ? text : text[..comma]).Trim().ToString();
    }

    private static string? ReadQuoted(ReadOnlySpan<char> text, out ReadOnlySpan<char> rest)
    {
        var value = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                ReadOnlySpan<char> after = text[(i + 1)..].TrimStart();
                rest = after is [',', ..] ? after[1..].TrimStart() : after;
                return after.Length == 0 || after[0] == ',' ? value.ToString() : null;
            }

            i += text[i] == '\\' && i + 1 < text.Length ? 1 : 0;
            value.Append(text[i]);
        }

        rest = [];
        return null;
    }
}
