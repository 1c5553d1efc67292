namespace NfRuntime.Agent.M2Mqtt;

/// <summary>
/// The header of an answer to a request for a range (RFC 9110 §14.4, RFC 9112): it must be 206 with exactly that range, unencoded. All else,
/// redirects included, is no answer. Reads bytes; makes no strings.
/// </summary>
internal sealed class HttpAnswer
{
    /// <summary>Bytes that a header may have.</summary>
    internal const int MaxHeader = 4096;

    private static readonly string[] _names = { "content-range", "content-length", "transfer-encoding", "content-encoding", "connection" };

    private byte[] _bytes = null!;
    private int _end;
    private long _length;
    private bool _hasRange;

    /// <summary>The connection can be asked again.</summary>
    internal bool StaysOpen { get; private set; }

    /// <summary>Where the body begins after an empty line that ends the header in bytes 0 … <paramref name="count"/> − 1; 0: it has not come yet.</summary>
    internal static int FindBody(byte[] bytes, int count)
    {
        for (int i = 3; i < count; i++)
        {
            if (bytes[i] == '\n' && bytes[i - 1] == '\r' && bytes[i - 2] == '\n' && bytes[i - 3] == '\r')
            {
                return i + 1;
            }
        }

        return 0;
    }

    /// <summary>Reads a header.</summary>
    /// <param name="bytes">From its first byte on.</param>
    /// <param name="end">Where the body begins.</param>
    /// <param name="offset">First byte that was asked for.</param>
    /// <param name="count">Bytes that were asked for.</param>
    /// <returns>Whether the body is exactly that.</returns>
    internal bool Read(byte[] bytes, int end, int offset, int count)
    {
        _bytes = bytes;
        _end = end - 2; // before the empty line
        _hasRange = false;
        _length = -1;
        StaysOpen = Begins(0, "HTTP/1.1 ");
        if (!Begins(0, "HTTP/1.1 206") && !Begins(0, "HTTP/1.0 206"))
        {
            return false;
        }

        bool isGood = true;
        for (int line = NextLine(0); line < _end && isGood; line = NextLine(line))
        {
            isGood = ReadLine(line, offset, count);
        }

        StaysOpen &= _length >= 0;
        return isGood && _hasRange && (_length < 0 || _length == count);
    }

    private bool ReadLine(int at, int offset, int count)
    {
        for (int i = 0; i < _names.Length; i++)
        {
            int value = Value(at, _names[i]);
            if (value >= 0)
            {
                return Take(i, value, offset, count);
            }
        }

        return true;
    }

    private bool Take(int name, int at, int offset, int count)
    {
        switch (name)
        {
            case 0:
                bool isSame = ReadRange(at, offset, (long)offset + count - 1);
                isSame &= !_hasRange;
                _hasRange = true;
                return isSame;
            case 1:
                int digits = at;
                long length = Number(ref digits);
                bool isFirst = _length < 0 && length >= 0 && IsLineEnd(digits);
                _length = length;
                return isFirst;
            case 4:
                StaysOpen &= !Begins(at, "close");
                return true;
            default:
                return Begins(at, "identity");
        }
    }

    // "bytes 0-1023/4096" or "bytes 0-1023/*".
    private bool ReadRange(int at, long first, long last)
    {
        if (!Begins(at, "bytes "))
        {
            return false;
        }

        int digits = at + 6;
        if (Number(ref digits) != first || !Begins(digits, "-"))
        {
            return false;
        }

        digits++;
        return Number(ref digits) == last && Begins(digits, "/");
    }

    // Digits from there on, at most 15; −1: there are none.
    private long Number(ref int at)
    {
        long number = -1;
        int first = at;
        while (at < _end && _bytes[at] >= '0' && _bytes[at] <= '9' && at - first < 15)
        {
            number = ((number < 0 ? 0 : number) * 10) + (_bytes[at] - '0');
            at++;
        }

        return number;
    }

    // Where the value of this line begins when it has this name; −1: it has another.
    private int Value(int at, string name)
    {
        if (!Begins(at, name) || at + name.Length >= _end || _bytes[at + name.Length] != ':')
        {
            return -1;
        }

        int value = at + name.Length + 1;
        while (value < _end && (_bytes[value] == ' ' || _bytes[value] == '\t'))
        {
            value++;
        }

        return value;
    }

    // Without regard to case.
    private bool Begins(int at, string text)
    {
        if (at + text.Length > _end)
        {
            return false;
        }

        for (int i = 0; i < text.Length; i++)
        {
            if (Lower(_bytes[at + i]) != Lower((byte)text[i]))
            {
                return false;
            }
        }

        return true;
    }

    private bool IsLineEnd(int at)
    {
        return at < _end && _bytes[at] == '\r';
    }

    private int NextLine(int at)
    {
        int next = at;
        while (next < _end && _bytes[next] != '\n')
        {
            next++;
        }

        return next + 1;
    }

    private static byte Lower(byte b)
    {
        return b >= 'A' && b <= 'Z' ? (byte)(b + 32) : b;
    }
}
