using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace NfRuntime.Agent.M2Mqtt.Tests;

/// <summary>Time that tests move.</summary>
internal sealed class FakeClock : IBoardClock
{
    private long _milliseconds;

    public long Unix { get; set; } = TlsClock.Plausible + 1000;

    public bool CanBeSet { get; set; } = true;

    public void Advance(long milliseconds) => Interlocked.Add(ref _milliseconds, milliseconds);

    public long Milliseconds() => Interlocked.Read(ref _milliseconds);

    public long Seconds() => Unix;

    public bool SetSeconds(long seconds)
    {
        Unix = CanBeSet ? seconds : Unix;
        return CanBeSet;
    }
}

/// <summary>M2Mqtt's client as far as a link shows it, with its bad habits on demand. Whatever it raises it raises where the test calls.</summary>
internal sealed class FakeLink(IMqttLinkSink sink, FakeLinks links) : IMqttLink
{
    private readonly TaskCompletionSource _closed = new();
    private int _number;

    public IMqttLinkSink Sink => sink;

    public volatile bool Up;

    public bool IsConnected => Up;

    public List<string> Calls { get; } = [];

    public string Will { get; private set; } = string.Empty;

    public byte[] Published { get; private set; } = [];

    public bool IsFull { get; set; }

    public bool IsClosed => _closed.Task.IsCompleted;

    public int Connect(string willTopic, string will)
    {
        Will = $"{willTopic}={will}";
        links.Connecting.Set();
        switch (links.Behaviour)
        {
            case FakeLinks.Throws:
                throw new InvalidOperationException("Exception connecting to the broker", new TimeoutException("no route"));
            case FakeLinks.Hangs:
                _closed.Task.Wait();
                throw new ObjectDisposedException("socket");
            case FakeLinks.HangsForEver:
                links.Release.Wait();
                throw new ObjectDisposedException("socket");
            case FakeLinks.DiesAtOnce:
                sink.OnClosed();
                return 0;
            default:
                Up = links.Behaviour == 0;
                return links.Behaviour;
        }
    }

    public void Disconnect() => Say("disconnect");

    public void Close()
    {
        Say("close");
        Up = false;
        _closed.TrySetResult();
    }

    public void Publish(string topic, byte[] payload, int qos, bool retain)
    {
        if (IsFull)
        {
            throw new InvalidOperationException("InflightQueueFull");
        }

        Published = payload;
        Say($"publish {topic} {qos} {retain}");
    }

    public int Subscribe(string topic, int qos)
    {
        Say($"subscribe {topic} {qos}");
        return ++_number;
    }

    public void Unsubscribe(string topic) => Say($"unsubscribe {topic}");

    public void Say(string call)
    {
        lock (Calls)
        {
            Calls.Add(call);
        }
    }

    public string[] Said()
    {
        lock (Calls)
        {
            return [.. Calls];
        }
    }
}

/// <summary>Makes links; what the next one does is told beforehand. A positive behaviour is the code with which the broker refuses.</summary>
internal sealed class FakeLinks : IMqttLinkFactory
{
    public const int Connects = 0, Throws = -1, Hangs = -2, HangsForEver = -3, DiesAtOnce = -4, HasNoAddress = -5;

    public volatile int Behaviour;

    public List<FakeLink> Made { get; } = [];

    public AutoResetEvent Connecting { get; } = new(false);

    public ManualResetEventSlim Release { get; } = new();

    public FakeLink Last
    {
        get
        {
            lock (Made)
            {
                return Made.Last();
            }
        }
    }

    public IMqttLink Create(IMqttLinkSink sink)
    {
        if (Behaviour == HasNoAddress)
        {
            throw new InvalidOperationException("No address found for the remote host name");
        }

        var link = new FakeLink(sink, this);
        lock (Made)
        {
            Made.Add(link);
        }

        return link;
    }
}

/// <summary>What the agent would hear.</summary>
internal sealed class Ear : IMqttSink
{
    public List<string> Heard { get; } = [];

    public int Thread { get; private set; }

    public Action<string>? Messages { get; set; }

    public void OnConnected() => Heard.Add("connected");

    public void OnDisconnected(int reason) => Heard.Add($"disconnected {reason}");

    public void OnMessage(string topic, byte[] payload, int count, bool isRetained)
    {
        Thread = Environment.CurrentManagedThreadId;
        Heard.Add($"{topic} {count} {payload[0]}{(isRetained ? " retained" : string.Empty)}");
        Messages?.Invoke(topic);
    }
}
