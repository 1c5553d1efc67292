namespace NfRuntime.Agent.Protocol;

/// <summary>UTF-8 (RFC 3629) without an object per text.</summary>
internal static class Utf8
{
    /// <summary>Whether the bytes are well-formed: shortest forms, no surrogates, at most U+10FFFF.</summary>
    internal static bool IsValid(byte[] data, int offset, int count)
    {
        int end = offset + count;
        while (offset < end)
        {
            int first = data[offset++];
            if (first < 0x80)
            {
                continue;
            }

            int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
            if (first < 0xC2 || first > 0xF4 || end - offset < more || !IsSecond(first, data[offset]))
            {
                return false;
            }

            for (int i = 1; i < more; i++)
            {
                if ((data[offset + i] & 0xC0) != 0x80)
                {
                    return false;
                }
            }

            offset += more;
        }

        return true;
    }

    /// <summary>Bytes of a text; a lone surrogate becomes U+FFFD.</summary>
    internal static int Count(string text)
    {
        int bytes = 0;
        int at = 0;
        while (at < text.Length)
        {
            bytes += Width(Next(text, ref at));
        }

        return bytes;
    }

    /// <summary>Writes the text, which has room; returns the offset behind it.</summary>
    internal static int Write(string text, byte[] target, int offset)
    {
        int at = 0;
        while (at < text.Length)
        {
            int point = Next(text, ref at);
            int more = Width(point) - 1;
            int mark = more == 0 ? 0 : more == 1 ? 0xC0 : more == 2 ? 0xE0 : 0xF0;
            target[offset++] = (byte)(mark | (point >> (6 * more)));
            for (int i = more - 1; i >= 0; i--)
            {
                target[offset++] = (byte)(0x80 | ((point >> (6 * i)) & 0x3F));
            }
        }

        return offset;
    }

    // RFC 3629 §4: the second byte's range depends on the first.
    private static bool IsSecond(int first, int second)
    {
        int least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
        int most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
        return second >= least && second <= most;
    }

    private static int Width(int point)
    {
        return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    }

    private static int Next(string text, ref int at)
    {
        int unit = text[at++];
        if (unit < 0xD800 || unit > 0xDFFF)
        {
            return unit;
        }

        if (unit > 0xDBFF || at == text.Length || text[at] < 0xDC00 || text[at] > 0xDFFF)
        {
            return 0xFFFD;
        }

        return 0x10000 + ((unit - 0xD800) << 10) + (text[at++] - 0xDC00);
    }
}
