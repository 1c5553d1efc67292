using System.Collections.Generic;

namespace NfRuntime.Fleet.Broker;

/// <summary>How a broker listens. Written into its configuration when it is started.</summary>
public sealed record BrokerSettings
{
    /// <summary>Address to listen on; loopback unless told otherwise.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>TCP port of the TLS listener; 0: any that is free.</summary>
    public int Port { get; init; }

    /// <summary>TCP port of a second listener, for devices that cannot hold a certificate: TLS with the broker's certificate alone, user name and password. 0: any that is free; null: none.</summary>
    public int? PasswordPort { get; init; }

    /// <summary>Host names and addresses that the broker's certificate is for: what clients connect to.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = ["localhost", "127.0.0.1"];

    /// <summary>Seconds between saves of retained messages and sessions: what a <c>kill -9</c> can lose. 1 or more.</summary>
    public int AutosaveSeconds { get; init; } = 5;

    /// <summary>Largest MQTT packet that is accepted, bytes: a block of 32 KB with its topic.</summary>
    public int MaxPacketBytes { get; init; } = 34 << 10;

    /// <summary>Messages that wait for one client that is away or slow; more are dropped. A fleet that comes on at once sends its controller a handful a device.</summary>
    public int MaxQueuedMessages { get; init; } = 20_000;
}
