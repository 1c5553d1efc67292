using NfRuntime.Agent.Protocol;
using NfRuntime.Agent.Telemetry;

namespace NfRuntime.Agent;

/// <summary>Keeps a connection: backoff with full jitter (PROTOCOL.md §8), subscriptions and the documents that open one.</summary>
internal sealed class Connection : IMqttSink
{
    private const int FirstDelay = 1000;
    private const int LastDelay = 300_000;
    private const int StableAfter = 60_000;
    private const int ConnectTimeout = 60_000;
    private const int Announcements = 4;

    private readonly AgentContext _context;
    private readonly Inbox _inbox;
    private readonly byte[] _will;
    private readonly int _sources;
    private bool _isConnecting;
    private int _limit = FirstDelay;
    private long _nextAt;
    private long _since;
    private int _announced;
    private bool _hasNotedTime;

    internal Connection(AgentContext context, Inbox inbox, int sources)
    {
        _context = context;
        _inbox = inbox;
        _sources = sources;
        _nextAt = -1;
        OnlineDocument.Write(context.Writer, false, context.Report.BootId);
        _will = new byte[context.Writer.Count];
        System.Array.Copy(context.Writer.Buffer, 0, _will, 0, _will.Length);
    }

    /// <summary>Connects when it is time, and takes messages.</summary>
    /// <param name="messages">At most; 0: only what keeps the connection alive.</param>
    internal void Step(int messages)
    {
        if (_nextAt < 0)
        {
            _nextAt = _context.Now + (_context.Platform.Random() % (uint)(_context.Options.FirstConnectMilliseconds + 1));
        }

        if (!_context.IsConnected && !_isConnecting && _context.Now >= _nextAt)
        {
            _isConnecting = true;
            _since = _context.Now;
            NoteTime();
            _context.Transport.Connect(_context.Topics.Online, _will);
        }

        _context.Transport.Poll(this, messages);
        if (_isConnecting && _context.Now - _since > ConnectTimeout)
        {
            Lost();
            _context.Transport.Disconnect();
            _context.Transport.Poll(this, 0); // it hears of that now and not when the next attempt is under way
        }

        if (_context.IsConnected)
        {
            Announce();
        }
    }

    /// <summary>Milliseconds until it has something to do by itself.</summary>
    internal long Wait()
    {
        if (_context.IsConnected)
        {
            return _announced < Announcements ? 10 : long.MaxValue;
        }

        return _isConnecting ? ConnectTimeout - (_context.Now - _since) + 1 : _nextAt - _context.Now;
    }

    /// <summary>Says goodbye: the will is not published for one who leaves by himself.</summary>
    internal void Leave()
    {
        OnlineDocument.Write(_context.Writer, false, _context.Report.BootId);
        _context.Publish(_context.Topics.Online, 1, true);
        _context.Transport.Disconnect();
    }

    public void OnConnected()
    {
        _isConnecting = false;
        _context.IsConnected = true;
        _context.Connections++;
        _context.StateChanged = true;
        _since = _context.Now;
        _announced = 0;
    }

    public void OnDisconnected(int reason)
    {
        if (_context.IsConnected)
        {
            _context.Note(LogRing.Info, LogEvent.Connection, string.Empty, "the connection was lost (" + reason.ToString() + ")");
        }

        if (_context.IsConnected || _isConnecting)
        {
            Lost();
        }
    }

    public void OnMessage(string topic, byte[] payload, int count, bool isRetained)
    {
        _inbox.Take(topic, payload, count, isRetained);
    }

    private void NoteTime()
    {
        if (!_hasNotedTime && _context.KnownTime == 0)
        {
            _context.Note(LogRing.Info, LogEvent.Connection, string.Empty, "the time is not known: the dates of certificates cannot be checked");
        }

        _hasNotedTime = true;
    }

    // Uniform in [0, limit], and the limit doubles; a connection that held begins again at the first one.
    private void Lost()
    {
        bool wasStable = _context.IsConnected && _context.Now - _since >= StableAfter;
        _context.IsConnected = false;
        _isConnecting = false;
        _limit = wasStable ? FirstDelay : _limit;
        _nextAt = _context.Now + (_context.Platform.Random() % (uint)(_limit + 1));
        _limit = _limit * 2 < LastDelay ? _limit * 2 : LastDelay;
    }

    // One after the other; what the transport has no room for is tried again at the next step.
    private void Announce()
    {
        bool goesOn = true;
        while (goesOn && _announced < Announcements)
        {
            goesOn = Announce(_announced);
            _announced += goesOn ? 1 : 0;
        }
    }

    private bool Announce(int number)
    {
        switch (number)
        {
            case 0:
                return _context.Transport.Subscribe(_context.Topics.Keys, 1);
            case 1:
                return _context.Transport.Subscribe(_context.Topics.Desired, 1);
            case 2:
                OnlineDocument.Write(_context.Writer, true, _context.Report.BootId);
                return _context.Publish(_context.Topics.Online, 1, true);
            default:
                _context.Options.Facts.Write(_context.Writer, _sources);
                return _context.Publish(_context.Topics.Capabilities, 1, true);
        }
    }
}
