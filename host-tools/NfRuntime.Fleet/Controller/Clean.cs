using System.Text;

namespace NfRuntime.Fleet.Control;

/// <summary>Text of devices for terminals and logs.</summary>
internal static class Clean
{
    private const int MaxLength = 300;

    /// <summary>The text without control characters (escape sequences, line ends, bidirectional overrides), and not too long.</summary>
    public static string Text(string untrusted)
    {
        var clean = new StringBuilder();
        foreach (Rune rune in untrusted.EnumerateRunes())
        {
            bool isPlain = !Rune.IsControl(rune) && Rune.GetUnicodeCategory(rune) is not (System.Globalization.UnicodeCategory.Format
                or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator);
            clean.Append(isPlain ? rune.ToString() : "?");
            if (clean.Length >= MaxLength)
            {
                return clean.Append('…').ToString();
            }
        }

        return clean.ToString();
    }
}
