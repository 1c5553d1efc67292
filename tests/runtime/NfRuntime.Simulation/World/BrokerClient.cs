using System.Collections.Generic;

namespace NfRuntime.Simulation.World;

/// <summary>One client of <see cref="MemoryBroker"/>: its session, and what it hears.</summary>
internal abstract class BrokerClient
{
    public bool IsConnected { get; internal set; }

    /// <summary>Neither side hears the other; both find out later.</summary>
    public bool IsPartitioned { get; internal set; }

    internal string WillTopic { get; set; } = string.Empty;

    internal byte[] Will { get; set; } = [];

    /// <summary>Counts connections, so that what was meant for an earlier one is lost.</summary>
    internal int Epoch { get; set; }

    internal List<(string Filter, int Qos)> Filters { get; } = [];

    /// <summary>When the last message with QoS 1 arrives: these stay in order.</summary>
    internal long OrderedUntil { get; set; }

    internal abstract void OnConnected();

    internal abstract void OnDisconnected();

    internal abstract void OnMessage(string topic, byte[] payload, bool isRetained);
}
