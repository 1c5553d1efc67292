using NfRuntime.Agent.Protocol;

namespace NfRuntime.Agent.Pull;

/// <summary>Chunks by HTTP Range from a registry. Three failures end it; what comes is believed no more than blocks are.</summary>
internal sealed class RangeStream
{
    private const int MaxFailures = 3;
    private const int Timeout = 30_000;
    private const int PollInterval = 10;
    private const int RetryAfter = 500;

    private readonly AgentContext _context;
    private readonly IRangeSource _source;
    private byte[] _buffer = null!;
    private string _url = string.Empty;
    private int _bytes;
    private int _log2;
    private int _chunk; // −1: none is asked for
    private int _filled;
    private int _failures;
    private long _deadline;
    private long _pollAt;

    internal RangeStream(AgentContext context, IRangeSource source)
    {
        _context = context;
        _source = source;
    }

    internal bool IsOffered
    {
        get { return _url.Length != 0; }
    }

    internal void Offer(string url)
    {
        _url = _source == null ? string.Empty : url;
        _failures = 0;
    }

    internal void Withdraw()
    {
        _url = string.Empty;
    }

    internal void Start(byte[] digest, int bytes, int log2)
    {
        _bytes = bytes;
        _log2 = log2;
        _chunk = -1;
        _deadline = _context.Now;
        if (IsOffered)
        {
            _buffer = new byte[1 << log2];
        }
    }

    internal void Stop()
    {
        if (_source != null && _buffer != null)
        {
            _source.GiveUp();
        }

        _buffer = null!;
        _chunk = -1;
    }

    internal long Wait()
    {
        return (_chunk < 0 ? _deadline : _pollAt) - _context.Now;
    }

    /// <summary>Asks for the next missing chunk, or takes what came of it. Negative: the store has given the blob up.</summary>
    internal int Step()
    {
        if (_chunk < 0)
        {
            return _context.Now < _deadline ? 1 : Ask();
        }

        int wanted = BlobGeometry.BlockBytes(_bytes, _log2, _chunk);
        int count = _source.Poll(_buffer, _filled, wanted - _filled);
        if (count < 0 || count > wanted - _filled || (count == 0 && _context.Now >= _deadline))
        {
            return Fail();
        }

        _filled += count;
        _pollAt = count > 0 ? _context.Now : _context.Now + PollInterval;
        _deadline = count > 0 ? _context.Now + Timeout : _deadline;
        if (_filled < wanted)
        {
            return 1;
        }

        int chunk = _chunk;
        _chunk = -1;
        _deadline = _context.Now;
        _failures = 0;
        return _context.Store.Write(chunk, _buffer, 0, wanted);
    }

    private int Ask()
    {
        int chunk = _context.Store.Missing(0);
        if (!_source.Begin(_url, chunk << _log2, BlobGeometry.BlockBytes(_bytes, _log2, chunk)))
        {
            return Fail();
        }

        _chunk = chunk;
        _filled = 0;
        _pollAt = _context.Now;
        _deadline = _context.Now + Timeout;
        return 1;
    }

    private int Fail()
    {
        _source.GiveUp();
        _chunk = -1;
        _deadline = _context.Now + RetryAfter;
        if (++_failures == MaxFailures)
        {
            Withdraw();
        }

        return 1;
    }
}
