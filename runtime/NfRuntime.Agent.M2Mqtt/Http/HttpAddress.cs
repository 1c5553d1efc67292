namespace NfRuntime.Agent.M2Mqtt;

/// <summary>Host, port and path of an address that may be asked. An address comes from a document: nothing of it reaches a request that is not plain ASCII.</summary>
internal sealed class HttpAddress
{
    private const int MaxLength = 512;
    private const string Secure = "https://";
    private const string Plain = "http://";

    internal string Host { get; private set; } = string.Empty;

    internal int Port { get; private set; }

    internal bool UsesTls { get; private set; }

    /// <summary>Path and query; begins with a slash.</summary>
    internal string Path { get; private set; } = string.Empty;

    /// <summary>Reads an address.</summary>
    /// <param name="url"><c>https://host[:port]/path</c>. No login, no fragment, no IPv6 literal.</param>
    /// <param name="allowsPlain">Whether <c>http://</c> may go to another machine.</param>
    /// <returns>False: it may not be asked.</returns>
    internal bool Read(string url, bool allowsPlain)
    {
        if (url.Length > MaxLength || !IsPrintable(url))
        {
            return false;
        }

        UsesTls = url.StartsWith(Secure);
        if (!UsesTls && !url.StartsWith(Plain))
        {
            return false;
        }

        string rest = url.Substring(UsesTls ? Secure.Length : Plain.Length);
        int slash = rest.IndexOf('/');
        if (slash <= 0)
        {
            return false;
        }

        Path = rest.Substring(slash);
        return ReadHost(rest.Substring(0, slash)) && (UsesTls || allowsPlain || IsThisMachine(Host));
    }

    internal bool IsAt(string host, int port, bool usesTls)
    {
        return Host == host && Port == port && UsesTls == usesTls;
    }

    private static bool IsThisMachine(string host)
    {
        return host == "localhost" || host == "127.0.0.1";
    }

    // No space, no control character, no quote, and nothing that begins another part of an address.
    private static bool IsPrintable(string url)
    {
        for (int i = 0; i < url.Length; i++)
        {
            char c = url[i];
            if (c <= ' ' || c >= 127 || c == '#' || c == '"' || c == '<' || c == '>' || c == '\\' || c == '@')
            {
                return false;
            }
        }

        return true;
    }

    private bool ReadHost(string text)
    {
        int colon = text.IndexOf(':');
        Host = colon < 0 ? text : text.Substring(0, colon);
        Port = colon < 0 ? (UsesTls ? 443 : 80) : ReadPort(text, colon + 1);
        for (int i = 0; i < Host.Length; i++)
        {
            char c = Host[i];
            if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '.' && c != '_')
            {
                return false;
            }
        }

        return Host.Length > 0 && Port > 0;
    }

    // 0: none.
    private static int ReadPort(string text, int at)
    {
        int port = 0;
        for (int i = at; i < text.Length; i++)
        {
            if (text[i] < '0' || text[i] > '9' || port > 65_535)
            {
                return 0;
            }

            port = (port * 10) + (text[i] - '0');
        }

        return port <= 65_535 ? port : 0;
    }
}
