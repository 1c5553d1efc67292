using System;
using System.Threading;

namespace NfRuntime.Agent.M2Mqtt;

/// <summary>
/// The agent's connection by nanoFramework.M2Mqtt 5.1.220. Its threads raise events whenever they like: what they bring waits here, bounded,
/// until the agent polls. Each connection is a new client with a thread of its own (README.md says what of M2Mqtt made it so).
/// </summary>
public sealed partial class M2MqttTransport : IMqttTransport
{
    private const int MaxThreads = 2; // one that hangs, and one that tries again
    private const int Nothing = 0;
    private const int HasOpened = 1;
    private const int HasEnded = 2;
    private const int HasMessage = 3;

    private readonly object _lock = new object();
    private readonly AutoResetEvent _news = new AutoResetEvent(false);
    private readonly PendingSubscriptions _pending = new PendingSubscriptions();
    private readonly M2MqttOptions _options;
    private readonly IMqttLinkFactory _links;
    private readonly IBoardClock _clock;
    private readonly ArrivalQueue _queue;
    private Session _session = null!;
    private int _threads;
    private bool _isUp;
    private bool _tellsOpened;
    private bool _tellsEnded;
    private int _reason;
    private string _error = string.Empty;

    internal M2MqttTransport(M2MqttOptions options, IMqttLinkFactory links, IBoardClock clock)
    {
        _options = options;
        _links = links;
        _clock = clock;
        _queue = new ArrivalQueue(options.QueueMessages, options.QueueBytes);
    }

    /// <summary>The last will: M2Mqtt takes text only, so it is this and not the document that says the same (PROTOCOL.md §4.1).</summary>
    public static string WillText
    {
        get { return "offline"; }
    }

    /// <summary>Messages that found no room since the start, blocks as a rule; the agent asks for blocks again.</summary>
    public int Dropped
    {
        get { return _queue.Dropped; }
    }

    /// <summary>Messages since the start that are larger than all the room.</summary>
    public int TooLarge
    {
        get { return _queue.TooLarge; }
    }

    /// <summary>Why the last attempt or connection ended, for people; empty: none has.</summary>
    public string LastError
    {
        get
        {
            lock (_lock)
            {
                return _error;
            }
        }
    }

    /// <summary>Whether something is here for the agent.</summary>
    public bool HasNews
    {
        get
        {
            lock (_lock)
            {
                return _tellsOpened || _tellsEnded || _queue.Count > 0;
            }
        }
    }

    /// <summary>Waits until something is here for the agent.</summary>
    /// <param name="milliseconds">At most.</param>
    public void Wait(int milliseconds)
    {
        if (!HasNews)
        {
            _news.WaitOne(milliseconds, false);
        }
    }

    public void Connect(string willTopic, byte[] will)
    {
        Session session;
        lock (_lock)
        {
            if (_session != null)
            {
                End(M2MqttReason.Asked, string.Empty, true);
            }

            _tellsEnded = false;
            if (_threads >= MaxThreads)
            {
                Tell(M2MqttReason.Busy, string.Empty);
                return;
            }

            session = new Session(this, _links, willTopic, WillText);
            _session = session;
            _threads++;
        }

        try
        {
            session.Start();
        }
        catch (Exception e)
        {
            Opened(session, M2MqttReason.Unreachable, e.Message);
            Left();
        }
    }

    public void Disconnect()
    {
        lock (_lock)
        {
            if (_session != null)
            {
                End(M2MqttReason.Asked, string.Empty, true);
            }
        }
    }

    public void Poll(IMqttSink sink, int messages)
    {
        for (int i = 0; i < messages; i++)
        {
            switch (Next(out int reason, out string topic, out byte[] payload, out bool isRetained))
            {
                case HasOpened:
                    sink.OnConnected();
                    break;
                case HasEnded:
                    sink.OnDisconnected(reason);
                    break;
                case HasMessage:
                    sink.OnMessage(topic, payload, payload.Length, isRetained);
                    break;
                default:
                    return;
            }
        }
    }

    public bool Publish(string topic, byte[] payload, int count, int qos, bool retain)
    {
        IMqttLink link = LinkThatIsUp();
        if (link == null)
        {
            return false;
        }

        try
        {
            // M2Mqtt sends it later, from a thread of its own, and sends all of the array.
            byte[] copy = new byte[count];
            Array.Copy(payload, 0, copy, 0, count);
            link.Publish(topic, copy, qos, retain);
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }

    public bool Subscribe(string topic, int qos)
    {
        IMqttLink link = LinkThatIsUp();
        if (link == null)
        {
            return false;
        }

        try
        {
            // Under the lock, since the answer may come before the number.
            lock (_lock)
            {
                if (!_pending.HasRoom)
                {
                    return false;
                }

                _pending.Add(link.Subscribe(topic, qos), _clock.Milliseconds() + _options.SubscribeTimeout);
                return true;
            }
        }
        catch (Exception)
        {
            return false;
        }
    }

    public bool Unsubscribe(string topic)
    {
        IMqttLink link = LinkThatIsUp();
        if (link == null)
        {
            return false;
        }

        try
        {
            link.Unsubscribe(topic);
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }

    private int Next(out int reason, out string topic, out byte[] payload, out bool isRetained)
    {
        lock (_lock)
        {
            Watch();
            reason = _reason;
            topic = null!;
            payload = null!;
            isRetained = false;
            if (_tellsEnded)
            {
                _tellsEnded = false;
                return HasEnded;
            }

            if (_tellsOpened)
            {
                _tellsOpened = false;
                return HasOpened;
            }

            return _queue.Take(out topic, out payload, out isRetained) ? HasMessage : Nothing;
        }
    }

    private IMqttLink LinkThatIsUp()
    {
        lock (_lock)
        {
            return _session != null && _isUp && _session.Link.IsConnected ? _session.Link : null!;
        }
    }
}
