using NfRuntime.Agent.Protocol;

namespace NfRuntime.Agent.Pull;

/// <summary>Blocks from the blob's topic (PROTOCOL.md §5): says what is missing, takes what comes, and asks again when nothing does.</summary>
internal sealed class BlockStream
{
    private const int FirstStall = 2000;
    private const int LastStall = 60_000;
    private const int SilentAsks = 5; // that nobody answers: about a minute
    private const int NoRoom = 100; // milliseconds, after which a transport that took nothing is asked again

    private readonly AgentContext _context;
    private readonly BlockFrame _frame = new BlockFrame();
    private readonly byte[] _missing = new byte[BlobGeometry.MaxBlocks / 8];
    private readonly byte[] _digest = new byte[Digests.Bytes];
    private int _bytes;
    private int _log2;
    private int _stall;
    private long _askAt;
    private bool _isStarted;
    private int _connection; // in which the topic was subscribed to; 0: not yet
    private bool _hasAsked;
    private int _inVain; // asked, since a block came

    internal BlockStream(AgentContext context)
    {
        _context = context;
    }

    /// <summary>What is subscribed to; empty for none.</summary>
    internal string Topic { get; private set; } = string.Empty;

    /// <summary>Bytes of the blob that are here.</summary>
    internal int Here { get; private set; }

    /// <summary>Whether a block of it came since the start.</summary>
    internal bool HasHeard { get; private set; }

    /// <summary>It was asked for again and again, and nobody sent a block.</summary>
    internal bool IsSilent
    {
        get { return _inVain > SilentAsks; }
    }

    private bool IsSubscribed
    {
        get { return _context.IsConnected && _connection == _context.Connections; }
    }

    internal void Start(byte[] digest, int bytes, int log2)
    {
        Digests.Copy(digest, _digest);
        _bytes = bytes;
        _log2 = log2;
        _stall = FirstStall;
        _askAt = _context.Now;
        _isStarted = true;
        _connection = 0;
        _hasAsked = false;
        _inVain = 0;
        HasHeard = false;
        Topic = _context.Topics.Blocks(digest);
        Count();
    }

    /// <summary>Leaves the topic, and says that nothing of the blob is wanted any more.</summary>
    internal void Stop()
    {
        if (_isStarted && IsSubscribed)
        {
            // A loss of these costs some blocks that nobody takes: the distributor's pass ends by itself.
            _context.Transport.Unsubscribe(Topic);
            WantDocument.Write(_context.Writer, _digest, _bytes, _log2, _missing, 0, 0);
            _context.Publish(_context.Topics.Want, 1, false);
        }

        _isStarted = false;
        _connection = 0;
        Topic = string.Empty;
    }

    /// <summary>Subscribes and asks when it is time. 1; nothing here fails.</summary>
    internal int Step()
    {
        if (!_context.IsConnected)
        {
            return 1;
        }

        if (!IsSubscribed && _context.Transport.Subscribe(Topic, 0))
        {
            _connection = _context.Connections;
            _hasAsked = false;
            _inVain = _inVain < SilentAsks ? _inVain : SilentAsks - 1; // a link that comes and goes is no reason to ask for ever
            _askAt = _context.Now;
        }
        else if (!IsSubscribed)
        {
            _connection = 0;
            _askAt = _context.Now + NoRoom;
        }

        if (IsSubscribed && _context.Now >= _askAt)
        {
            Ask();
        }

        return 1;
    }

    internal long Wait()
    {
        return !_context.IsConnected ? long.MaxValue : !IsSubscribed && _connection != 0 ? 0 : _askAt - _context.Now;
    }

    /// <summary>Writes a block. Negative: the store has given the blob up.</summary>
    internal int OnFrame(byte[] frame, int count)
    {
        if (!_frame.Read(_context.Store, frame, count, _bytes, _log2))
        {
            _context.Report.BadFrames++;
            return 0;
        }

        int result = 0;
        if (_context.Store.Missing(_frame.Index) != _frame.Index)
        {
            _context.Report.Duplicates++;
        }
        else
        {
            result = _context.Store.Write(_frame.Index, frame, BlockFrame.HeaderBytes, _frame.DataBytes);
            _context.Report.Blocks++;
            _context.Report.BlockBytes += _frame.DataBytes;
            Here += _frame.DataBytes;
        }

        _inVain = 0;
        HasHeard = true;
        _stall = FirstStall;
        _askAt = _frame.EndsPass ? _context.Now : _context.Now + _context.Jittered(_stall);
        return result;
    }

    /// <summary>Counts what is here, as the store knows it.</summary>
    internal void Count()
    {
        int chunks = _context.Store.ChunkCount;
        int here = 0;
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            if (_context.Store.Missing(chunk) != chunk)
            {
                here += BlobGeometry.BlockBytes(_bytes, _log2, chunk);
            }
        }

        Here = here;
    }

    private void Ask()
    {
        int blocks = BlobGeometry.Blocks(_bytes, _log2);
        System.Array.Clear(_missing, 0, _missing.Length);
        for (int chunk = _context.Store.Missing(0); chunk < blocks; chunk = _context.Store.Missing(chunk + 1))
        {
            _missing[chunk >> 3] |= (byte)(1 << (chunk & 7));
        }

        WantDocument.Write(_context.Writer, _digest, _bytes, _log2, _missing, (blocks + 7) / 8, _context.Options.Rate);
        if (!_context.Publish(_context.Topics.Want, 1, false))
        {
            _askAt = _context.Now + NoRoom;
            return;
        }

        _stall = !_hasAsked ? FirstStall : _stall * 2 < LastStall ? _stall * 2 : LastStall;
        _hasAsked = true;
        _inVain++;
        _askAt = _context.Now + _context.Jittered(_stall);
    }
}
