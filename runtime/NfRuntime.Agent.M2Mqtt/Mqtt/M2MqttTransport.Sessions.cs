namespace NfRuntime.Agent.M2Mqtt;

/// <content>What its sessions tell, from threads of theirs, and the end of one.</content>
public sealed partial class M2MqttTransport
{
    internal bool HasTime()
    {
        return !_options.UsesTls || TlsClock.Prepare(_clock, _options.TimeFloor);
    }

    /// <summary>An attempt has come to its end. True: it is the connection now.</summary>
    internal bool Opened(Session session, int reason, string error)
    {
        lock (_lock)
        {
            if (session != _session)
            {
                return false;
            }

            if (reason != 0)
            {
                End(reason, error, false);
                return false;
            }

            _isUp = true;
            _tellsOpened = true;
            _news.Set();
            return true;
        }
    }

    /// <summary>The thread of a session is done.</summary>
    internal void Left()
    {
        lock (_lock)
        {
            _threads--;
        }
    }

    internal void Lost(Session session)
    {
        lock (_lock)
        {
            // While it opens, its own thread comes to know as well, and knows more.
            if (session == _session && _isUp)
            {
                End(M2MqttReason.Lost, string.Empty, false);
            }
        }
    }

    internal void Arrived(Session session, string topic, byte[] payload, int qos, bool isRetained)
    {
        lock (_lock)
        {
            if (session == _session && topic != null && payload != null)
            {
                _queue.Add(topic, payload, isRetained, qos == 0);
                _news.Set();
            }
        }
    }

    internal void Subscribed(Session session, int number, bool isGranted)
    {
        lock (_lock)
        {
            if (session != _session)
            {
                return;
            }

            _pending.Remove(number);
            if (!isGranted)
            {
                End(M2MqttReason.Subscription, "refused", false);
            }
        }
    }

    // M2Mqtt tells that a connection is lost when it has cleaned up, seconds later, and of lost subscriptions nothing at all.
    private void Watch()
    {
        if (_session == null || !_isUp)
        {
            return;
        }

        if (!_session.Link.IsConnected)
        {
            End(M2MqttReason.Lost, string.Empty, false);
        }
        else if (_pending.IsOverdue(_clock.Milliseconds()))
        {
            End(M2MqttReason.Subscription, "not answered", false);
        }
    }

    // What waits goes too: of a message that was cut off M2Mqtt hands over the part that came, with zeros for the rest.
    private void End(int reason, string error, bool isPolite)
    {
        Session session = _session;
        _session = null!;
        _isUp = false;
        _queue.Clear();
        _pending.Clear();
        Tell(reason, error);
        session.End(isPolite);
    }

    private void Tell(int reason, string error)
    {
        _tellsOpened = false;
        _tellsEnded = true;
        _reason = reason;
        _error = error.Length == 0 ? M2MqttReason.Describe(reason) : M2MqttReason.Describe(reason) + ": " + error;
        _news.Set();
    }
}
