namespace NfRuntime.Agent.Protocol;

/// <summary>Whether a device is there (PROTOCOL.md §4.1).</summary>
public static class OnlineDocument
{
    public static void Write(CborWriter writer, bool isOnline, uint bootId)
    {
        writer.Clear();
        writer.Map(3);
        writer.Pair(0, 1);
        writer.Unsigned(1);
        writer.Truth(isOnline);
        writer.Pair(2, bootId);
    }
}
