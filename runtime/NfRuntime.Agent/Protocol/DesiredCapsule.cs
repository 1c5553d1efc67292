namespace NfRuntime.Agent.Protocol;

/// <summary>One capsule of a <see cref="DesiredDocument"/>.</summary>
public sealed class DesiredCapsule
{
    public const int Serve = 0;
    public const int Shadow = 1;

    public const int ConfirmByHand = 0;
    public const int ConfirmByRules = 1;
    public const int ConfirmNow = 2;

    /// <summary>Bytes of the longest name.</summary>
    public const int MaxName = 64;

    private const int MinManifest = 80;
    private const int MaxManifest = 1024;
    private const int MaxDeltas = 8;

    public string Name { get; private set; } = string.Empty;

    /// <summary>SHA-256 of the manifest.</summary>
    public byte[] Manifest { get; } = new byte[32];

    public int ManifestBytes { get; private set; }

    /// <summary><see cref="Serve"/> or <see cref="Shadow"/>.</summary>
    public int Mode { get; private set; }

    /// <summary><see cref="ConfirmByHand"/>, <see cref="ConfirmByRules"/> or <see cref="ConfirmNow"/>.</summary>
    public int Confirm { get; private set; }

    /// <summary>Generation in which the operator let it try again; 0: never.</summary>
    public ulong Retry { get; private set; }

    public TrialRules Rules { get; } = new TrialRules();

    public DesiredDelta[] Deltas { get; private set; } = new DesiredDelta[0];

    internal void Read(CborReader reader)
    {
        int pairs = reader.Map();
        int needed = 5;
        for (int i = 0; i < pairs && !reader.IsBad; i++)
        {
            ulong key = reader.Unsigned(0, ulong.MaxValue);
            needed -= key >= 1 && key <= 5 ? 1 : 0;
            Value(reader, key);
        }

        if (needed != 0)
        {
            reader.Refuse();
        }
    }

    private void Value(CborReader reader, ulong key)
    {
        switch (key)
        {
            case 1: Name = reader.Text(1, MaxName); break;
            case 2: reader.Bytes(Manifest); break;
            case 3: ManifestBytes = reader.Number(MinManifest, MaxManifest); break;
            case 4: Mode = reader.Number(Serve, Shadow); break;
            case 5: Confirm = reader.Number(ConfirmByHand, ConfirmNow); break;
            case 6: Retry = reader.Unsigned(0, ulong.MaxValue); break;
            case 7: Rules.Read(reader); break;
            case 8: ReadDeltas(reader); break;
            default: reader.Skip(); break;
        }
    }

    private void ReadDeltas(CborReader reader)
    {
        Deltas = new DesiredDelta[reader.List(MaxDeltas)];
        for (int i = 0; i < Deltas.Length; i++)
        {
            Deltas[i] = new DesiredDelta();
            Deltas[i].Read(reader);
        }
    }
}
