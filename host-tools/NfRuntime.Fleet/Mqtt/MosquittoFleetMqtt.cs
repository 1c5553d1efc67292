using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;
using NfRuntime.Mosquitto;

namespace NfRuntime.Fleet.Mqtt;

/// <summary>
/// The fleet's connection over libmosquitto. Its thread connects, and again after every loss; what arrives waits here for <see cref="Poll"/>.
/// </summary>
public sealed class MosquittoFleetMqtt : IFleetMqtt, IMosquittoHandler
{
    private const int NotAuthorized = 135;
    private const int MaxWaiting = 50_000;
    private const long MaxWaitingBytes = 128 << 20;
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(2);
    private readonly MosquittoOptions _options;
    private readonly int _queue;
    private readonly Action<string> _log;
    private readonly ConcurrentQueue<Action<IFleetMqttSink>> _arrived = new();
    private readonly HashSet<string> _filters = [];
    private MosquittoThread? _thread;
    private volatile bool _isConnected;
    private long _waitingBytes;

    /// <param name="options">Where to, and as whom; its will is not used.</param>
    /// <param name="queue">Messages that may wait to be sent, before <see cref="Publish"/> says that there is no room.</param>
    /// <param name="log">Takes a sentence for the operator.</param>
    public MosquittoFleetMqtt(MosquittoOptions options, int queue, Action<string> log)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _queue, _log) = (options, queue, log);
    }

    public event Action? Arrived;

    public void Connect(FleetWill? will)
    {
        if (_thread is not null)
        {
            return; // the thread is at it already
        }

        MosquittoOptions options = _options with { Will = will is null ? null : new MosquittoWill(will.Topic, will.Payload, 1, will.Retain) };
        _thread = new MosquittoThread(options, this, e => _log($"MQTT: {e.Message}"), new MosquittoThreadOptions { QueueLimit = _queue, Trouble = why => _log($"MQTT: {why}") });
        _thread.Start();
    }

    public void Disconnect()
    {
        if (_thread is null)
        {
            return;
        }

        SpinWait.SpinUntil(() => _thread.Waiting == 0 || !_isConnected, Goodbye);
        _thread.Dispose();
        _thread = null;
        _filters.Clear();
    }

    public void Poll(IFleetMqttSink sink, int messages)
    {
        for (int i = 0; i < messages && _arrived.TryDequeue(out Action<IFleetMqttSink>? tell); i++)
        {
            tell(sink);
        }
    }

    public bool Publish(string topic, ReadOnlySpan<byte> payload, int qos, bool retain) =>
        _isConnected && _thread is { } thread && thread.TryPublish(topic, payload.ToArray(), qos, retain);

    public bool Subscribe(string filter, int qos)
    {
        if (_thread is not { } thread)
        {
            return false;
        }

        if (_filters.Add(filter))
        {
            thread.Subscribe(filter, qos); // again after each reconnection, by the thread
        }

        return true;
    }

    public bool AskAgain(string topic)
    {
        if (!_isConnected || _thread is not { } thread)
        {
            return false;
        }

        thread.AskAgain(topic, 1);
        return true;
    }

    public void Dispose()
    {
        _thread?.Dispose();
        _thread = null;
    }

    void IMosquittoHandler.Connected(int reasonCode, bool sessionPresent)
    {
        if (reasonCode == 0)
        {
            _isConnected = true;
            Tell(sink => sink.OnConnected());
        }
        else
        {
            _log($"MQTT: the broker refused the connection ({reasonCode})");
        }
    }

    void IMosquittoHandler.Disconnected(int rc)
    {
        if (_isConnected)
        {
            _isConnected = false;
            Tell(sink => sink.OnDisconnected(MosquittoException.Describe(rc)));
        }
    }

    void IMosquittoHandler.Message(string topic, ReadOnlySpan<byte> payload, int qos, bool retain)
    {
        if (_arrived.Count >= MaxWaiting || Interlocked.Read(ref _waitingBytes) + payload.Length > MaxWaitingBytes)
        {
            return; // whoever floods loses; what is retained or asked for again comes again
        }

        byte[] bytes = payload.ToArray();
        Interlocked.Add(ref _waitingBytes, bytes.Length);
        Tell(sink =>
        {
            Interlocked.Add(ref _waitingBytes, -bytes.Length);
            sink.OnMessage(topic, bytes, retain);
        });
    }

    void IMosquittoHandler.Published(int mid, int reasonCode)
    {
        if (reasonCode == NotAuthorized)
        {
            _log("MQTT: the broker does not let this credential publish what it published");
        }
    }

    private void Tell(Action<IFleetMqttSink> tell)
    {
        _arrived.Enqueue(tell);
        Arrived?.Invoke();
    }
}
