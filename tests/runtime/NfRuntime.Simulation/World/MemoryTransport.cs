using System;
using System.Collections.Generic;
using NfRuntime.Agent;

namespace NfRuntime.Simulation.World;

/// <summary>A device's end of a connection: what arrives waits until the agent polls.</summary>
internal sealed class MemoryTransport(MemoryBroker broker, Action wake) : BrokerClient, IMqttTransport
{
    private readonly Queue<Action<IMqttSink>> _arrived = new();
    private readonly Queue<Action<IMqttSink>> _changes = new();
    private int _connections;
    private int _states;

    public Sabotage Sabotage { get; init; }

    /// <summary>Messages that have not been polled.</summary>
    public int Waiting => _arrived.Count;

    public void Connect(string willTopic, byte[] will) => broker.Connect(this, willTopic, will);

    public void Disconnect() => broker.Disconnect(this, isMeant: true);

    public void Poll(IMqttSink sink, int messages)
    {
        while (_changes.TryDequeue(out Action<IMqttSink>? change))
        {
            change(sink);
        }

        for (int i = 0; i < messages && _arrived.TryDequeue(out Action<IMqttSink>? message); i++)
        {
            message(sink);
        }
    }

    public bool Publish(string topic, byte[] payload, int count, int qos, bool retain)
    {
        bool isState = topic.EndsWith("/state", StringComparison.Ordinal);
        _states += isState ? 1 : 0;
        if (Sabotage == Sabotage.DeviceStatesOnce && isState && _states > 1)
        {
            return true;
        }

        byte[] bytes = payload.AsSpan(0, count).ToArray();
        if (Sabotage == Sabotage.DeviceForgetsWanted && topic.EndsWith("/want", StringComparison.Ordinal))
        {
            bytes[^1] = 0; // the bit map of at most eight blocks
        }

        return broker.Publish(this, topic, bytes, qos, retain);
    }

    public bool Subscribe(string topic, int qos) => Sabotage == Sabotage.DeviceSubscribesOnce && _connections > 1 ? IsConnected : broker.Subscribe(this, topic, qos);

    public bool Unsubscribe(string topic) => MemoryBroker.Unsubscribe(this, topic);

    internal override void OnConnected()
    {
        _connections++;
        Change(sink => sink.OnConnected());
    }

    internal override void OnDisconnected()
    {
        _arrived.Clear();
        Change(sink => sink.OnDisconnected(1));
    }

    internal override void OnMessage(string topic, byte[] payload, bool isRetained)
    {
        _arrived.Enqueue(sink => sink.OnMessage(topic, payload, payload.Length, isRetained));
        wake();
    }

    private void Change(Action<IMqttSink> change)
    {
        _changes.Enqueue(change);
        wake();
    }
}
