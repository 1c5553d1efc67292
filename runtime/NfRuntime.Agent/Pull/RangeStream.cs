using NfRuntime.Agent.Protocol;

namespace NfRuntime.Agent.Pull;

/// <summary>
/// Chunks by HTTP Range from a registry. A chunk has its time, however it comes; three failures in a row end it for this blob, and a source that let
/// them take their time is not asked for others for a while. What comes is believed no more than blocks are.
/// </summary>
internal sealed class RangeStream
{
    private const int MaxFailures = 3;
    private const int Timeout = 30_000; // of a chunk
    private const int SlowAfter = 5_000; // a failure that took so long costs more than the next blob's attempts may
    private const int DownFor = 600_000;
    private const int HexDigits = 64; // at the end of an address
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
    private string _down = string.Empty; // an address at the source that failed last
    private long _downUntil;
    private long _deadline;
    private long _askedAt;
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

    /// <summary>Whether a chunk of it came.</summary>
    internal bool HasHeard { get; private set; }

    internal void Offer(string url)
    {
        HasHeard = false;
        _url = _source == null || (_context.Now < _downUntil && IsOfSameSource(url, _down)) ? string.Empty : url;
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
        if (count < 0 || count > wanted - _filled || (count < wanted - _filled && _context.Now >= _deadline))
        {
            return Fail();
        }

        _filled += count;
        _pollAt = count > 0 ? _context.Now : _context.Now + PollInterval;
        if (_filled < wanted)
        {
            return 1;
        }

        int chunk = _chunk;
        _chunk = -1;
        _deadline = _context.Now;
        _failures = 0;
        HasHeard = true;
        return _context.Store.Write(chunk, _buffer, 0, wanted);
    }

    private int Ask()
    {
        int chunk = _context.Store.Missing(0);
        _askedAt = _context.Now;
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
            // A quick answer may be about this blob alone.
            bool isDown = _context.Now - _askedAt >= SlowAfter;
            _down = isDown ? _url : _down;
            _downUntil = isDown ? _context.Now + DownFor : _downUntil;
            Withdraw();
        }

        return 1;
    }

    private static bool IsOfSameSource(string a, string b)
    {
        bool isSame = a.Length == b.Length;
        for (int i = 0; isSame && i < a.Length - HexDigits; i++)
        {
            isSame = a[i] == b[i];
        }

        return isSame;
    }
}
