using System;

namespace NfRuntime.Mosquitto;

/// <summary>
/// What happens to a client, told on the thread that drives it, from inside a <c>Loop…</c> call (or from <c>Publish</c>: a QoS 0 message can be
/// written at once). A handler may publish, subscribe and disconnect; it may not connect. An exception that it throws comes out of
/// the call that it was called from, after libmosquitto has returned.
/// </summary>
public interface IMosquittoHandler
{
    /// <summary>The broker answered the connection.</summary>
    /// <param name="reasonCode">0: connected. Else the connection was refused and ends (CONNACK code of MQTT 3.1.1, or reason code of MQTT 5 from 128 on).</param>
    /// <param name="sessionPresent">Whether the broker had kept a session of this client id.</param>
    void Connected(int reasonCode, bool sessionPresent);

    /// <summary>The connection ended. Told once for each connection that was begun, also when it never got as far as <see cref="Connected"/>.</summary>
    /// <param name="rc">0: by <see cref="MosquittoClient.Disconnect"/>. Under 128: an error of libmosquitto (<see cref="MosquittoException.Describe"/>). Else the broker's MQTT 5 reason.</param>
    void Disconnected(int rc);

    /// <summary>A message arrived.</summary>
    /// <param name="topic">Its topic.</param>
    /// <param name="payload">Valid until the handler returns.</param>
    /// <param name="qos">0–2, as delivered.</param>
    /// <param name="retain">True: the broker had retained it before this subscription.</param>
    void Message(string topic, ReadOnlySpan<byte> payload, int qos, bool retain);

    /// <summary>A message left: QoS 0 was written to the socket, QoS 1 and 2 were acknowledged.</summary>
    /// <param name="mid">What <see cref="MosquittoClient.Publish"/> returned (or is about to return).</param>
    /// <param name="reasonCode">MQTT 5: 0 or 16 (nobody subscribes) is success, 135 not authorized. MQTT 3.1.1: always 0, refused or not.</param>
    void Published(int mid, int reasonCode);

    /// <summary>A subscription was answered: for each filter the QoS granted, or from 128 on why not.</summary>
    /// <param name="mid">What <see cref="MosquittoClient.Subscribe"/> returned.</param>
    /// <param name="granted">Valid until the handler returns.</param>
    void Subscribed(int mid, ReadOnlySpan<int> granted)
    {
    }
}
