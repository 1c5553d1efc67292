namespace NfRuntime.Agent;

/// <summary>
/// One MQTT connection, as the agent sees it. Nothing blocks and nothing throws; what arrives is handed to the sink inside
/// <see cref="Poll"/>, on the caller's thread, never inside another call. Implementations: nanoFramework.M2Mqtt on the device,
/// libmosquitto in the virtual device, memory in the simulator.
/// </summary>
public interface IMqttTransport
{
    /// <summary>Starts to connect; the sink hears how it went. The last will is retained, QoS 1.</summary>
    void Connect(string willTopic, byte[] will);

    /// <summary>Ends the connection without the will, after what Publish has taken, as far as that needs no waiting. The sink hears of it once.</summary>
    void Disconnect();

    /// <summary>Hands over what has arrived, at most <paramref name="messages"/> messages.</summary>
    void Poll(IMqttSink sink, int messages);

    /// <summary>False: not connected, or no room; nothing was taken.</summary>
    bool Publish(string topic, byte[] payload, int count, int qos, bool retain);

    /// <summary>False as Publish.</summary>
    bool Subscribe(string topic, int qos);

    /// <summary>False as Publish.</summary>
    bool Unsubscribe(string topic);
}

/// <summary>What an <see cref="IMqttTransport"/> has to tell.</summary>
public interface IMqttSink
{
    void OnConnected();

    /// <summary>Also: connecting failed. reason: of the implementation, for the log.</summary>
    void OnDisconnected(int reason);

    /// <summary>The payload is the sink's until it returns.</summary>
    void OnMessage(string topic, byte[] payload, int count, bool isRetained);
}
