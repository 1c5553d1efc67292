namespace NfRuntime.Agent.M2Mqtt;

/// <summary>
/// One connection of nanoFramework.M2Mqtt's client, as far as the transport needs it; tests put another in its place. Used once: a new
/// connection is a new link. Everything may throw; Connect and Close may block for long.
/// </summary>
internal interface IMqttLink
{
    bool IsConnected { get; }

    /// <summary>Blocks until the broker has answered. The will is retained, QoS 1.</summary>
    /// <returns>0, or the code with which the broker refuses.</returns>
    int Connect(string willTopic, string will);

    /// <summary>Says good-bye, so that the broker keeps the will to itself.</summary>
    void Disconnect();

    /// <summary>Ends threads and socket; more than once is right, also while Connect blocks.</summary>
    void Close();

    /// <summary>Queues; the payload is the link's from now on.</summary>
    void Publish(string topic, byte[] payload, int qos, bool retain);

    /// <summary>Queues.</summary>
    /// <returns>The number that the answer has.</returns>
    int Subscribe(string topic, int qos);

    /// <summary>Queues.</summary>
    void Unsubscribe(string topic);
}

/// <summary>What a link tells, on threads of its own.</summary>
internal interface IMqttLinkSink
{
    /// <summary>The payload is the sink's from now on.</summary>
    void OnMessage(string topic, byte[] payload, int qos, bool isRetained);

    void OnSubscribed(int number, bool isGranted);

    void OnClosed();
}

/// <summary>Makes links.</summary>
internal interface IMqttLinkFactory
{
    /// <summary>May block (it looks the host's name up) and may throw.</summary>
    IMqttLink Create(IMqttLinkSink sink);
}
