using System;
using System.Threading;

namespace NfRuntime.Agent.M2Mqtt;

/// <summary>
/// One attempt to connect and the connection that comes of it, with a thread of its own for all that M2Mqtt blocks on: names, TCP, TLS, the
/// broker's answer, closing. It tells its transport and is forgotten by it; what hangs hangs here.
/// </summary>
internal sealed class Session : IMqttLinkSink
{
    private readonly object _lock = new object();
    private readonly AutoResetEvent _end = new AutoResetEvent(false);
    private readonly M2MqttTransport _transport;
    private readonly IMqttLinkFactory _links;
    private readonly string _willTopic;
    private readonly string _will;
    private IMqttLink _link = null!;
    private bool _isOver;
    private bool _isPolite;
    private bool _isOpening = true;

    internal Session(M2MqttTransport transport, IMqttLinkFactory links, string willTopic, string will)
    {
        _transport = transport;
        _links = links;
        _willTopic = willTopic;
        _will = will;
    }

    /// <summary>Null before it was made.</summary>
    internal IMqttLink Link
    {
        get
        {
            lock (_lock)
            {
                return _link;
            }
        }
    }

    internal void Start()
    {
        Spawn(Run);
    }

    /// <summary>Ends it, from any thread, without waiting.</summary>
    /// <param name="isPolite">The broker is told, and keeps the will to itself.</param>
    internal void End(bool isPolite)
    {
        bool hangs;
        lock (_lock)
        {
            hangs = _isOpening && _link != null && !_isOver;
            _isOver = true;
            _isPolite = isPolite && !_isOpening;
        }

        _end.Set();
        if (hangs)
        {
            CloseFromOutside();
        }
    }

    void IMqttLinkSink.OnMessage(string topic, byte[] payload, int qos, bool isRetained)
    {
        _transport.Arrived(this, topic, payload, qos, isRetained);
    }

    void IMqttLinkSink.OnSubscribed(int number, bool isGranted)
    {
        _transport.Subscribed(this, number, isGranted);
    }

    void IMqttLinkSink.OnClosed()
    {
        _transport.Lost(this);
        lock (_lock)
        {
            _isOver = true;
        }

        _end.Set();
    }

    // Its own thread is inside Connect: closing the socket under it brings it back.
    private void CloseFromOutside()
    {
        try
        {
            Spawn(Close);
        }
        catch (Exception)
        {
            // No memory for a thread: Connect ends in its own time.
        }
    }

    private static void Spawn(ThreadStart work)
    {
#if NANOFRAMEWORK_1_0
        new Thread(work).Start();
#else
        new Thread(work) { IsBackground = true }.Start();
#endif
    }

    private void Run()
    {
        int reason = M2MqttReason.Unreachable;
        string error = string.Empty;
        try
        {
            reason = Open();
        }
        catch (Exception e)
        {
            error = e.InnerException == null ? e.Message : e.Message + ": " + e.InnerException.Message;
        }

        try
        {
            lock (_lock)
            {
                _isOpening = false;
                reason = reason == 0 && _isOver ? M2MqttReason.Lost : reason;
            }

            if (_transport.Opened(this, reason, error))
            {
                _end.WaitOne();
            }

            Close();
        }
        finally
        {
            _transport.Left();
        }
    }

    private int Open()
    {
        if (!_transport.HasTime())
        {
            return M2MqttReason.Clock;
        }

        IMqttLink link = _links.Create(this);
        lock (_lock)
        {
            _link = link;
            if (_isOver)
            {
                return M2MqttReason.Unreachable;
            }
        }

        return link.Connect(_willTopic, _will);
    }

    private void Close()
    {
        IMqttLink link = Link;
        if (link == null)
        {
            return;
        }

        try
        {
            if (_isPolite)
            {
                link.Disconnect();
            }
        }
        catch (Exception)
        {
            // It was gone already.
        }

        try
        {
            link.Close();
        }
        catch (Exception)
        {
            // There is nothing left to be done about it.
        }
    }
}
