namespace NfRuntime.Agent.M2Mqtt;

/// <summary>Which broker, as whom, and how much memory. Not changed once a transport has it, except <see cref="TimeFloor"/>.</summary>
public sealed class M2MqttOptions
{
    /// <summary>As in the broker's certificate.</summary>
    public string Host { get; set; } = string.Empty;

    public int Port { get; set; } = 8883;

    /// <summary>The certificate's name, <c>device.tenant</c> (SECURITY.md 22).</summary>
    public string ClientId { get; set; } = string.Empty;

    /// <summary>False: everything is readable and changeable on its way; for a bench.</summary>
    public bool UsesTls { get; set; } = true;

    /// <summary>The broker's authority: DER, or PEM with a NUL at its end. Empty: what is in the board's certificate store.</summary>
    public byte[] Authority { get; set; } = new byte[0];

    /// <summary>The device's certificate, as <see cref="Authority"/>. Empty: the one that the board has stored, if any.</summary>
    public byte[] Certificate { get; set; } = new byte[0];

    /// <summary>Its key, as <see cref="Authority"/>.</summary>
    public byte[] Key { get; set; } = new byte[0];

    /// <summary>Of <see cref="Key"/>, or empty.</summary>
    public string KeyPassword { get; set; } = string.Empty;

    /// <summary>With <see cref="Password"/>: for boards that cannot hold a certificate. Empty: none.</summary>
    public string User { get; set; } = string.Empty;

    public string Password { get; set; } = string.Empty;

    /// <summary>
    /// Unix time that has passed for certain: that of the application's build, then the store's KnownTime. TLS goes by it while the
    /// board's clock is behind it (see <see cref="TlsClock"/>); 0: connecting fails with <see cref="M2MqttReason.Clock"/> until the clock is set.
    /// </summary>
    public long TimeFloor { get; set; }

    /// <summary>Seconds.</summary>
    public int KeepAlive { get; set; } = 60;

    /// <summary>Messages that wait for the agent at most.</summary>
    public int QueueMessages { get; set; } = 24;

    /// <summary>Bytes of their payloads at most. What does not fit pushes out blocks (QoS 0), the oldest first; a message above it is refused.</summary>
    public int QueueBytes { get; set; } = 24 * 1024;

    /// <summary>Messages in M2Mqtt's own queue at most, both directions.</summary>
    public int InflightMessages { get; set; } = 32;

    /// <summary>Bytes of an MQTT packet at most: MQTT 5, the broker keeps larger ones to itself. 0: MQTT 3.1.1, any.</summary>
    public int MaxPacket { get; set; } = 9 * 1024;

    /// <summary>Milliseconds for the answer to a subscription. M2Mqtt sends one three times in 3 s and then forgets it.</summary>
    public int SubscribeTimeout { get; set; } = 10_000;
}
