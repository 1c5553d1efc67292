using System;
using System.Buffers;
using System.Collections.Generic;
using NfRuntime.Agent;
using NfRuntime.Mosquitto;

namespace NfRuntime.VirtualDevice.Transport;

/// <summary>
/// The agent's connection by libmosquitto. A poll drives the client, on the thread that steps the agent; what arrives waits here,
/// in a bounded queue as a device has one, until the agent takes it. Frames of blocks that find no room are lost: QoS 0. Documents that
/// find none end the connection: with the next one those that count come again, for they are retained.
/// </summary>
internal sealed class MosquittoTransport : IMqttTransport, IMosquittoHandler, IDisposable
{
    private const int MaxQueuedBlocks = 64;
    private const int MaxQueuedDocuments = 256;
    private const int MaxPayload = 1 << 20; // no frame and no document is longer
    private const string BlockLevel = "/b/"; // behind "nfr/" and the tenant: tenants and devices may be called b

    private readonly MosquittoOptions _options;
    private readonly MosquittoPoll _poll;
    private readonly BlockFaults _faults;
    private readonly Action<string, byte[], int> _published;
    private readonly Action<string> _trouble;
    private readonly Queue<Arrival> _arrivals = new();
    private MosquittoClient? _client;
    private int _queuedBlocks;
    private int _queuedDocuments;

    /// <param name="options">Where to, and as whom; the will is the agent's.</param>
    /// <param name="poll">Drives the client.</param>
    /// <param name="faults">Of the link.</param>
    /// <param name="published">Sees what the agent publishes: topic, payload, count.</param>
    /// <param name="trouble">Hears, in words, why there is no connection: each attempt that failed, each refusal and each loss.</param>
    public MosquittoTransport(MosquittoOptions options, MosquittoPoll poll, BlockFaults faults, Action<string, byte[], int> published, Action<string> trouble)
    {
        _published = published;
        _trouble = trouble;
        _options = options;
        _poll = poll;
        _faults = faults;
    }

    private enum ArrivalKind
    {
        Connected,
        Disconnected,
        Message,
    }

    /// <summary>Whether the agent has something to take.</summary>
    public bool HasArrivals => _arrivals.Count > 0;

    /// <summary>Messages that found no room.</summary>
    public long Overrun { get; private set; }

    public void Connect(string willTopic, byte[] will)
    {
        Close();
        try
        {
            _client = new MosquittoClient(_options with { Will = new MosquittoWill(willTopic, will, 1, true) }, this);
            _poll.Add(_client);
            _client.Connect();
        }
        catch (MosquittoException e)
        {
            Close();
            _trouble(e.Message);
            _arrivals.Enqueue(new Arrival(ArrivalKind.Disconnected) { Reason = e.Code });
        }
    }

    public void Disconnect() => _client?.Disconnect();

    public void Poll(IMqttSink sink, int messages)
    {
        for (int i = 0; i < messages && _arrivals.TryDequeue(out Arrival arrival); i++)
        {
            switch (arrival.Kind)
            {
                case ArrivalKind.Connected:
                    sink.OnConnected();
                    break;
                case ArrivalKind.Disconnected:
                    sink.OnDisconnected(arrival.Reason);
                    break;
                default:
                    Count(arrival.IsBlock, -1);
                    sink.OnMessage(arrival.Topic, arrival.Payload, arrival.Count, arrival.IsRetained);
                    ArrayPool<byte>.Shared.Return(arrival.Payload);
                    break;
            }
        }
    }

    public bool Publish(string topic, byte[] payload, int count, int qos, bool retain)
    {
        bool isTaken = Try(client => client.Publish(topic, payload.AsSpan(0, count), qos, retain));
        if (isTaken)
        {
            _published(topic, payload, count);
        }

        return isTaken;
    }

    public bool Subscribe(string topic, int qos) => Try(client => client.Subscribe(topic, qos));

    public bool Unsubscribe(string topic) => Try(client => client.Unsubscribe(topic));

    /// <summary>As a power cut ends it: without a word, so that the broker publishes the will.</summary>
    public void Dispose()
    {
        Close();
        while (_arrivals.TryDequeue(out Arrival arrival))
        {
            if (arrival.Kind == ArrivalKind.Message)
            {
                Count(arrival.IsBlock, -1);
                ArrayPool<byte>.Shared.Return(arrival.Payload);
            }
        }
    }

    void IMosquittoHandler.Connected(int reasonCode, bool sessionPresent)
    {
        // A refusal is followed by the end of the connection, which tells it.
        if (reasonCode == 0)
        {
            _arrivals.Enqueue(new Arrival(ArrivalKind.Connected));
        }
        else
        {
            _trouble($"the broker refuses {_options.ClientId}: {MosquittoException.DescribeReason(reasonCode)}");
        }
    }

    void IMosquittoHandler.Disconnected(int rc)
    {
        if (rc != 0)
        {
            string why = rc < 128 ? MosquittoException.Describe(rc) : MosquittoException.DescribeReason(rc);
            _trouble(_client?.LastError is { } said ? $"{why} {said}" : why);
        }

        _arrivals.Enqueue(new Arrival(ArrivalKind.Disconnected) { Reason = rc });
    }

    void IMosquittoHandler.Message(string topic, ReadOnlySpan<byte> payload, int qos, bool retain)
    {
        bool isBlock = IsBlock(topic);
        bool hasRoom = isBlock ? _queuedBlocks < MaxQueuedBlocks : _queuedDocuments < MaxQueuedDocuments;
        if (!hasRoom || payload.Length > MaxPayload)
        {
            Overrun++;
            if (!isBlock && !hasRoom)
            {
                _client?.Disconnect();
            }

            return;
        }

        byte[] copy = ArrayPool<byte>.Shared.Rent(payload.Length);
        payload.CopyTo(copy);
        if (isBlock && !_faults.Pass(copy.AsSpan(0, payload.Length)))
        {
            ArrayPool<byte>.Shared.Return(copy);
            return;
        }

        Count(isBlock, 1);
        _arrivals.Enqueue(new Arrival(ArrivalKind.Message) { Topic = topic, Payload = copy, Count = payload.Length, IsRetained = retain, IsBlock = isBlock });
    }

    void IMosquittoHandler.Published(int mid, int reasonCode)
    {
        // The protocol needs no acknowledgements: a document that got lost is sent again.
    }

    private static bool IsBlock(string topic)
    {
        int tenant = topic.IndexOf('/', StringComparison.Ordinal) + 1, level = topic.IndexOf('/', tenant);
        return level >= 0 && string.CompareOrdinal(topic, level, BlockLevel, 0, BlockLevel.Length) == 0;
    }

    private void Count(bool isBlock, int more)
    {
        _queuedBlocks += isBlock ? more : 0;
        _queuedDocuments += isBlock ? 0 : more;
    }

    private bool Try(Action<MosquittoClient> action)
    {
        if (_client is not { IsConnected: true } client)
        {
            return false;
        }

        try
        {
            action(client);
            return true;
        }
        catch (MosquittoException)
        {
            return false;
        }
    }

    private void Close()
    {
        _client?.Dispose();
        _client = null;
    }

    private readonly record struct Arrival(ArrivalKind Kind)
    {
        public int Reason { get; init; }

        public string Topic { get; init; } = string.Empty;

        public byte[] Payload { get; init; } = [];

        public int Count { get; init; }

        public bool IsRetained { get; init; }

        public bool IsBlock { get; init; }
    }
}
