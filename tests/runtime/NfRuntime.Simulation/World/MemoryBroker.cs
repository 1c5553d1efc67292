using System;
using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Simulation.World;

/// <summary>What the network does to messages; rates are of 1.</summary>
internal sealed class NetworkFaults
{
    public double Drop { get; set; }

    public double Duplicate { get; set; }

    /// <summary>Milliseconds; messages of QoS 0 overtake one another within it.</summary>
    public int Jitter { get; set; }
}

/// <summary>
/// A broker in memory: retained messages, last wills, QoS 0 (may be lost, doubled, overtaken) and QoS 1 (in order while the connection
/// holds, may come twice), clean sessions, its own death.
/// </summary>
internal sealed class MemoryBroker(Timeline time, Random random, NetworkFaults faults)
{
    private const int Latency = 5;
    private const int KeepAlive = 20_000;

    private readonly List<BrokerClient> _clients = [];
    private readonly Dictionary<string, byte[]> _retained = [];

    public bool IsUp { get; private set; } = true;

    public Sabotage Sabotage { get; init; }

    /// <summary>Bytes of payload that clients published on blob topics.</summary>
    public long BlobBytes { get; private set; }

    /// <summary>Sees every message that the broker takes.</summary>
    public Action<string, byte[]> Observer { get; set; } = (_, _) => { };

    public byte[]? Retained(string topic) => _retained.GetValueOrDefault(topic);

    /// <summary>A device's or a service's CONNECT; it hears of the outcome. An earlier connection of the same client ends, with its will.</summary>
    public void Connect(BrokerClient client, string willTopic, byte[] will)
    {
        if (client.IsConnected)
        {
            Disconnect(client, isMeant: false, isHeard: false);
        }

        int epoch = ++client.Epoch;
        client.Filters.Clear();
        bool isReached = IsUp && !client.IsPartitioned;
        time.After(isReached ? 2 * Latency : 3000, () =>
        {
            if (client.Epoch != epoch)
            {
                return;
            }

            if (!isReached || !IsUp)
            {
                client.OnDisconnected();
                return;
            }

            client.WillTopic = willTopic;
            client.Will = will;
            client.IsConnected = true;
            client.OrderedUntil = time.Now;
            _clients.Add(client);
            client.OnConnected();
        });
    }

    /// <summary>The connection ends; without <paramref name="isMeant"/> the will is published.</summary>
    public void Disconnect(BrokerClient client, bool isMeant, bool isHeard = true)
    {
        bool wasConnected = client.IsConnected;
        client.Epoch++;
        client.IsConnected = false;
        _clients.Remove(client);
        if (wasConnected && !isMeant && IsUp)
        {
            Publish(client.WillTopic, client.Will, 1, true);
        }

        if (wasConnected && isHeard)
        {
            client.OnDisconnected();
        }
    }

    /// <summary>Cuts a client off; its connection is found to be dead when nobody has heard of it for long enough.</summary>
    public void Partition(BrokerClient client)
    {
        client.IsPartitioned = true;
        int epoch = client.Epoch;
        time.After(KeepAlive, () =>
        {
            if (client.IsPartitioned && client.Epoch == epoch)
            {
                Disconnect(client, isMeant: false);
            }
        });
    }

    /// <summary>The way is free again; a connection that nobody has found dead meanwhile is reset.</summary>
    public void Heal(BrokerClient client)
    {
        client.IsPartitioned = false;
        if (client.IsConnected)
        {
            Disconnect(client, isMeant: false);
        }
    }

    /// <summary>kill -9: connections end (who is only about to have one finds out by itself), and what was retained is lost.</summary>
    public void Die()
    {
        IsUp = false;
        foreach (BrokerClient client in _clients.ToArray())
        {
            Disconnect(client, isMeant: true);
        }

        _retained.Clear();
    }

    public void Rise() => IsUp = true;

    public bool Subscribe(BrokerClient client, string filter, int qos)
    {
        if (!client.IsConnected)
        {
            return false;
        }

        client.Filters.RemoveAll(f => f.Filter == filter);
        client.Filters.Add((filter, qos));
        foreach ((string topic, byte[] payload) in _retained.Where(r => Matches(filter, r.Key)).OrderBy(r => r.Key, StringComparer.Ordinal).ToArray())
        {
            Deliver(client, topic, payload, qos, isRetained: true);
        }

        return true;
    }

    public static bool Unsubscribe(BrokerClient client, string filter)
    {
        client.Filters.RemoveAll(f => f.Filter == filter);
        return client.IsConnected;
    }

    /// <summary>From a client; false when it is not connected.</summary>
    public bool Publish(BrokerClient client, string topic, byte[] payload, int qos, bool retain)
    {
        if (!client.IsConnected)
        {
            return false;
        }

        if (client.IsPartitioned || (qos == 0 && random.NextDouble() < faults.Drop / 2))
        {
            return true; // sent, and lost
        }

        Publish(topic, payload, qos, retain);
        return true;
    }

    /// <summary>Somebody publishes something, not retained.</summary>
    public void Inject(string topic, byte[] payload)
    {
        if (IsUp)
        {
            Publish(topic, payload, 1, false);
        }
    }

    private void Publish(string topic, byte[] payload, int qos, bool retain)
    {
        Observer(topic, payload);
        BlobBytes += topic.Contains("/b/", StringComparison.Ordinal) ? payload.Length : 0;
        if (retain && payload.Length == 0)
        {
            _retained.Remove(topic);
        }
        else if (retain && !(Sabotage == Sabotage.BrokerKeepsFirst && _retained.ContainsKey(topic)))
        {
            _retained[topic] = payload;
        }

        foreach (BrokerClient client in _clients.ToArray())
        {
            foreach ((string filter, int most) in client.Filters)
            {
                if (Matches(filter, topic))
                {
                    Deliver(client, topic, payload, Math.Min(qos, most), isRetained: false);
                    break;
                }
            }
        }
    }

    private void Deliver(BrokerClient client, string topic, byte[] payload, int qos, bool isRetained)
    {
        int copies = 1 + (random.NextDouble() < faults.Duplicate ? 1 : 0) - (qos == 0 && random.NextDouble() < faults.Drop ? 1 : 0);
        for (int i = 0; i < copies; i++)
        {
            long at = time.Now + Latency + (faults.Jitter == 0 ? 0 : random.Next(faults.Jitter));
            if (qos == 1)
            {
                at = Math.Max(at, client.OrderedUntil);
                client.OrderedUntil = at;
            }

            int epoch = client.Epoch;
            time.After(at - time.Now, () =>
            {
                if (client.Epoch == epoch && client.IsConnected && !client.IsPartitioned)
                {
                    client.OnMessage(topic, payload, isRetained);
                }
            });
        }
    }

    private static bool Matches(string filter, string topic)
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
}
