using NfRuntime.Agent.Protocol;

namespace NfRuntime.Agent.Telemetry;

/// <summary>Figures of a minute (PROTOCOL.md §4.5): head, then <see cref="CapsuleFigures.Write"/> for each capsule, then tail.</summary>
public static class StatsDocument
{
    public static void Head(CborWriter writer, uint bootId, long uptimeSeconds, int capsules)
    {
        writer.Clear();
        writer.Map(5);
        writer.Pair(0, 1);
        writer.Pair(1, bootId);
        writer.Pair(2, (ulong)uptimeSeconds);
        writer.Unsigned(3);
        writer.List(capsules);
    }

    public static void Tail(CborWriter writer, long allocatedBytes)
    {
        writer.Pair(4, (ulong)allocatedBytes);
    }
}
