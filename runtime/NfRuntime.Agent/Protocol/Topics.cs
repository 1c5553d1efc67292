namespace NfRuntime.Agent.Protocol;

/// <summary>Topics of a device (PROTOCOL.md §1), made once.</summary>
public sealed class Topics
{
    private const string Digits = "0123456789abcdef";

    private readonly string _tenant;
    private readonly char[] _hex = new char[64];

    public Topics(string tenant, string device)
    {
        _tenant = "nfr/" + tenant + "/";
        string own = _tenant + "d/" + device + "/";
        Desired = own + "desired";
        Online = own + "online";
        Capabilities = own + "cap";
        State = own + "state";
        Want = own + "want";
        Log = own + "log";
        Stats = own + "stats";
        Keys = _tenant + "keys";
    }

    public string Desired { get; }

    public string Online { get; }

    public string Capabilities { get; }

    public string State { get; }

    public string Want { get; }

    public string Log { get; }

    public string Stats { get; }

    public string Keys { get; }

    /// <summary>The topic of a blob's blocks.</summary>
    public string Blocks(byte[] digest)
    {
        return _tenant + "b/" + Hex(digest);
    }

    /// <summary>64 lower-case digits.</summary>
    public string Hex(byte[] digest)
    {
        for (int i = 0; i < digest.Length; i++)
        {
            _hex[2 * i] = Digits[digest[i] >> 4];
            _hex[(2 * i) + 1] = Digits[digest[i] & 15];
        }

        return new string(_hex);
    }
}
