using System;

namespace NfRuntime.Fleet.Mqtt;

/// <summary>
/// One MQTT connection, as controller and distributor see it. Nothing blocks and nothing throws; what arrives is handed to the sink inside
/// <see cref="Poll"/>, on the caller's thread.
/// </summary>
public interface IFleetMqtt : IDisposable
{
    /// <summary>Something waits for <see cref="Poll"/>; raised on any thread.</summary>
    event Action? Arrived;

    /// <summary>Starts to connect; the sink hears how it went.</summary>
    /// <param name="will">Published by the broker when the connection is lost (QoS 1), or null.</param>
    void Connect(FleetWill? will);

    /// <summary>Ends the connection without the will, after what was published has left. The sink hears of it once.</summary>
    void Disconnect();

    /// <summary>Hands over what has arrived, at most so many messages.</summary>
    void Poll(IFleetMqttSink sink, int messages);

    /// <summary>False: not connected, or no room; nothing was taken.</summary>
    bool Publish(string topic, ReadOnlySpan<byte> payload, int qos, bool retain);

    /// <summary>False as <see cref="Publish"/>.</summary>
    bool Subscribe(string filter, int qos);

    /// <summary>Has the broker send once more what it retains on a topic. Subscriptions stay as they are. False as <see cref="Publish"/>.</summary>
    bool AskAgain(string topic);
}

/// <summary>A last will.</summary>
/// <param name="Topic">Without wildcards.</param>
/// <param name="Payload">May be empty.</param>
/// <param name="Retain">Whether the broker retains it.</param>
public sealed record FleetWill(string Topic, ReadOnlyMemory<byte> Payload, bool Retain);

/// <summary>What an <see cref="IFleetMqtt"/> has to tell.</summary>
public interface IFleetMqttSink
{
    void OnConnected();

    /// <summary>Also: connecting failed.</summary>
    /// <param name="reason">In words, for the log.</param>
    void OnDisconnected(string reason);

    /// <summary>The payload is the sink's until it returns. Untrusted.</summary>
    void OnMessage(string topic, ReadOnlySpan<byte> payload, bool isRetained);
}
