using System;
using System.Buffers;

namespace NfRuntime.Cli.Output;

/// <summary>
/// Makes text safe for a terminal: names of tensors, files and images come from strangers, and an escape sequence in one must not
/// move the cursor or rename the window.
/// </summary>
internal static class Printable
{
    private const char Replacement = '\uFFFD';
    private const int MaxName = 60;

    // C0 without tab, DEL, C1, and the characters that reorder text.
    private static readonly SearchValues<char> Unsafe = SearchValues.Create(
        "\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u000A\u000B\u000C\u000D\u000E\u000F\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F\u007F"
        + "\u0080\u0081\u0082\u0083\u0084\u0085\u0086\u0087\u0088\u0089\u008A\u008B\u008C\u008D\u008E\u008F\u0090\u0091\u0092\u0093\u0094\u0095\u0096\u0097\u0098\u0099\u009A\u009B\u009C\u009D\u009E\u009F"
        + "\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069");

    /// <summary>The text with everything else than printable characters replaced.</summary>
    public static string Line(string text)
    {
        if (!text.AsSpan().ContainsAny(Unsafe))
        {
            return text;
        }

        return string.Create(text.Length, text, static (target, source) =>
        {
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = Unsafe.Contains(source[i]) ? Replacement : source[i];
            }
        });
    }

    /// <summary>A tensor's name, short enough for a line: of several that a converter joined with ';' the first, at most 60 characters.</summary>
    public static string TensorName(string name)
    {
        int end = name.IndexOf(';', StringComparison.Ordinal);
        string first = end < 0 ? name : name[..end];
        return first.Length > MaxName ? first[..(MaxName - 1)] + "…" : first;
    }
}
