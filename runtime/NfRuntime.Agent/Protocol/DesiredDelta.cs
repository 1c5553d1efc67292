namespace NfRuntime.Agent.Protocol;

/// <summary>A delta that the controller offers (PROTOCOL.md §3, §6).</summary>
public sealed class DesiredDelta
{
    private const int MaxBlob = 16 << 20;

    /// <summary>SHA-256 of what the device may have.</summary>
    public byte[] Base { get; } = new byte[32];

    /// <summary>SHA-256 of what comes out.</summary>
    public byte[] Target { get; } = new byte[32];

    /// <summary>SHA-256 of the delta itself.</summary>
    public byte[] Delta { get; } = new byte[32];

    public int Bytes { get; private set; }

    internal void Read(CborReader reader)
    {
        if (reader.List(4) != 4)
        {
            reader.Refuse();
        }

        reader.Bytes(Base);
        reader.Bytes(Target);
        reader.Bytes(Delta);
        Bytes = reader.Number(1, MaxBlob);
    }
}
