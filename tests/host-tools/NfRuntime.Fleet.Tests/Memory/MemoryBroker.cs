using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Fleet.Mqtt;

namespace NfRuntime.Fleet.Tests.Memory;

/// <summary>A broker on virtual time: retained messages, wills, a latency, losses of QoS 0, deaths.</summary>
internal sealed class MemoryBroker
{
    private readonly List<MemoryClient> _clients = [];
    private readonly SortedDictionary<string, byte[]> _retained = new(StringComparer.Ordinal);

    public long Now { get; set; } = 1_800_000_000_000;

    public long LatencyMs { get; set; } = 2;

    /// <summary>From one retained message to the next when a client subscribes.</summary>
    public long RetainedGapMs { get; set; }

    public bool IsDown { get; set; }

    /// <summary>Whether a delivery of QoS 0 to a client is lost.</summary>
    public Func<string, string, bool> Loses { get; set; } = (_, _) => false;

    /// <summary>Whether the broker drops a delivery to a client, of any QoS, since its queue is full.</summary>
    public Func<string, string, bool> Drops { get; set; } = (_, _) => false;

    /// <summary>Bytes that were published under a topic that contains the text.</summary>
    public Dictionary<string, long> PublishedBytes { get; } = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, byte[]> Retained => _retained;

    public List<(string Client, string Topic, byte[] Payload)> Seen { get; } = [];

    public bool IsRecording { get; set; }

    public MemoryClient Client(string name)
    {
        var client = new MemoryClient(this, name);
        _clients.Add(client);
        return client;
    }

    /// <summary>As <c>kill -9</c> before an autosave: connections gone, retained messages lost.</summary>
    public void Kill()
    {
        IsDown = true;
        _retained.Clear();
        foreach (MemoryClient client in _clients)
        {
            client.Lose("the broker died");
        }
    }

    public void Publish(string from, string topic, ReadOnlySpan<byte> payload, int qos, bool retain)
    {
        byte[] bytes = payload.ToArray();
        string kind = topic.Split('/')[2];
        PublishedBytes[kind] = PublishedBytes.GetValueOrDefault(kind) + bytes.Length;
        if (IsRecording)
        {
            Seen.Add((from, topic, bytes));
        }

        if (retain && bytes.Length == 0)
        {
            _retained.Remove(topic);
        }
        else if (retain)
        {
            _retained[topic] = bytes;
        }

        foreach (MemoryClient client in _clients)
        {
            if (client.Matches(topic) && !(qos == 0 && Loses(client.Name, topic)))
            {
                client.Deliver(topic, bytes, false);
            }
        }
    }

    internal void DeliverRetained(MemoryClient client, string filter)
    {
        long late = 0;
        foreach ((string topic, byte[] payload) in _retained.Where(r => MemoryClient.Matches(filter, r.Key)).ToArray())
        {
            client.Deliver(topic, payload, true, late += RetainedGapMs);
        }
    }
}

/// <summary>One connection to it.</summary>
internal sealed class MemoryClient(MemoryBroker broker, string name) : IFleetMqtt
{
    private readonly Queue<(long Due, Action<IFleetMqttSink> Tell)> _queue = new();
    private readonly List<string> _filters = [];
    private FleetWill? _will;

    public event Action? Arrived;

    public string Name => name;

    public bool IsConnected { get; private set; }

    /// <summary>What waits for it.</summary>
    public int Messages => _queue.Count;

    /// <summary>Topics whose retained message it asked for again.</summary>
    public List<string> Asked { get; } = [];

    public void Connect(FleetWill? will)
    {
        if (broker.IsDown)
        {
            Tell(s => s.OnDisconnected("refused"));
            return;
        }

        (_will, IsConnected) = (will, true);
        Tell(s => s.OnConnected());
    }

    public void Disconnect()
    {
        _will = null;
        Lose("by wish");
    }

    /// <summary>The connection breaks: the broker publishes the will.</summary>
    public void Cut()
    {
        FleetWill? will = _will;
        Lose("cut");
        if (will is not null && !broker.IsDown)
        {
            broker.Publish(name, will.Topic, will.Payload.Span, 1, will.Retain);
        }
    }

    public void Lose(string why)
    {
        if (IsConnected)
        {
            IsConnected = false;
            _filters.Clear();
            _queue.Clear();
            Tell(s => s.OnDisconnected(why));
        }
    }

    public void Poll(IFleetMqttSink sink, int messages)
    {
        for (int i = 0; i < messages && _queue.TryPeek(out (long Due, Action<IFleetMqttSink> Tell) next) && next.Due <= broker.Now; i++)
        {
            _queue.Dequeue();
            next.Tell(sink);
        }
    }

    public bool Publish(string topic, ReadOnlySpan<byte> payload, int qos, bool retain)
    {
        if (IsConnected)
        {
            broker.Publish(name, topic, payload, qos, retain);
        }

        return IsConnected;
    }

    public bool Subscribe(string filter, int qos)
    {
        if (IsConnected)
        {
            _filters.Add(filter);
            broker.DeliverRetained(this, filter);
        }

        return IsConnected;
    }

    public bool AskAgain(string topic)
    {
        Asked.Add(topic);
        if (IsConnected)
        {
            broker.DeliverRetained(this, topic);
        }

        return IsConnected;
    }

    public bool Matches(string topic) => IsConnected && _filters.Exists(f => Matches(f, topic));

    public void Deliver(string topic, byte[] payload, bool retained, long late = 0)
    {
        if (!broker.Drops(name, topic))
        {
            Tell(s => s.OnMessage(topic, payload, retained), late);
        }
    }

    public void Dispose() => Lose("disposed");

    public static bool Matches(string filter, string topic)
    {
        string[] f = filter.Split('/');
        string[] t = topic.Split('/');
        for (int i = 0; i < f.Length; i++)
        {
            if (f[i] == "#")
            {
                return true;
            }

            if (i >= t.Length || (f[i] != "+" && f[i] != t[i]))
            {
                return false;
            }
        }

        return f.Length == t.Length;
    }

    private void Tell(Action<IFleetMqttSink> tell, long late = 0)
    {
        _queue.Enqueue((broker.Now + broker.LatencyMs + late, tell));
        Arrived?.Invoke();
    }
}
