namespace NfRuntime.Agent.Protocol;

/// <summary>A desired document (PROTOCOL.md §3): the whole set of capsules that a device is to have.</summary>
public sealed class DesiredDocument
{
    /// <summary>Capsules of a device.</summary>
    public const int MaxCapsules = 8;

    private const int RegistryBytes = 256;

    public ulong Generation { get; private set; }

    public DesiredCapsule[] Capsules { get; private set; } = new DesiredCapsule[0];

    /// <summary>Where blobs are also to be had; empty for none.</summary>
    public string Registry { get; private set; } = string.Empty;

    /// <summary>Unix seconds, a lower bound; 0: not told.</summary>
    public long Time { get; private set; }

    /// <summary>Reads a document.</summary>
    /// <param name="reader">To use; it allocates nothing itself.</param>
    /// <param name="data">The document, not kept.</param>
    /// <param name="count">Its bytes.</param>
    /// <returns><see cref="AgentReason.None"/>, <see cref="AgentReason.Version"/> or <see cref="AgentReason.Document"/>; then nothing of this object counts.</returns>
    public int Read(CborReader reader, byte[] data, int count)
    {
        if (!reader.Open(data, count))
        {
            return AgentReason.Document;
        }

        int pairs = reader.Map();
        int needed = 3;
        for (int i = 0; i < pairs && !reader.IsBad; i++)
        {
            ulong key = reader.Unsigned(0, ulong.MaxValue);
            needed -= key < 3 ? 1 : 0;
            if (key == 0)
            {
                ulong version = reader.Unsigned(0, ulong.MaxValue);
                if (!reader.IsBad && version != 1)
                {
                    return AgentReason.Version;
                }
            }
            else
            {
                Value(reader, key);
            }
        }

        return reader.IsBad || needed != 0 || !AreDistinct() ? AgentReason.Document : AgentReason.None;
    }

    /// <summary>Place of the entry that wants this manifest under this name; −1: none does.</summary>
    public int IndexOf(string name, byte[] manifest)
    {
        for (int i = 0; i < Capsules.Length; i++)
        {
            if (Capsules[i].Name == name && Digests.AreEqual(Capsules[i].Manifest, manifest))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The entry of a name, or null.</summary>
    public DesiredCapsule Find(string name)
    {
        for (int i = 0; i < Capsules.Length; i++)
        {
            if (Capsules[i].Name == name)
            {
                return Capsules[i];
            }
        }

        return null!;
    }

    private void Value(CborReader reader, ulong key)
    {
        switch (key)
        {
            case 1:
                Generation = reader.Unsigned(1, long.MaxValue);
                break;
            case 2:
                Capsules = new DesiredCapsule[reader.List(MaxCapsules)];
                for (int i = 0; i < Capsules.Length; i++)
                {
                    Capsules[i] = new DesiredCapsule();
                    Capsules[i].Read(reader);
                }

                break;
            case 3:
                Registry = reader.Text(1, RegistryBytes);
                break;
            case 4:
                Time = (long)reader.Unsigned(0, long.MaxValue);
                break;
            default:
                reader.Skip();
                break;
        }
    }

    private bool AreDistinct()
    {
        for (int i = 0; i < Capsules.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (Capsules[i].Name == Capsules[j].Name)
                {
                    return false;
                }
            }
        }

        return true;
    }
}
