using System;
using System.Threading;
using NfRuntime.Agent.Pull;

namespace NfRuntime.Agent.M2Mqtt;

/// <summary>
/// Blobs from a registry over HTTP Range, for boards: a thread asks, the agent's thread only takes what has come. The connection is kept for
/// the next chunk (a TLS handshake costs a board more than the chunk), an answer is held whole. No redirect is followed, no login sent;
/// what is not exactly the range is no answer, and the connection that brought it is given up.
/// </summary>
public sealed class HttpRangeSource : IRangeSource
{
    /// <summary>The largest block there is (PROTOCOL.md §5).</summary>
    private const int MaxBytes = 32 * 1024;
    private const int RequestTimeout = 30_000;
    private const int IdleTimeout = 15_000; // milliseconds, after which an unused connection gives its memory back
    private const int Nothing = 0;
    private const int Asked = 1;
    private const int Here = 2;
    private const int Failed = 3;

    private readonly object _lock = new object();
    private readonly AutoResetEvent _wake = new AutoResetEvent(false);
    private readonly HttpRangeOptions _options;
    private readonly IBoardClock _clock;
    private readonly HttpAddress _address = new HttpAddress();
    private readonly HttpExchange _exchange;
    private bool _hasThread;
    private bool _isEnded;
    private int _state;
    private int _number;
    private int _offset;
    private int _count;
    private int _taken;

    internal HttpRangeSource(HttpRangeOptions options, IByteChannel channel, IBoardClock clock)
    {
        _options = options;
        _clock = clock;
        _exchange = new HttpExchange(channel, clock);
    }

    public bool Begin(string url, int offset, int count)
    {
        lock (_lock)
        {
            GiveUp();
            if (_isEnded || url == null || offset < 0 || count <= 0 || count > MaxBytes || offset > int.MaxValue - count || !_address.Read(url, _options.AllowsPlainHttp))
            {
                return false;
            }

            _offset = offset;
            _count = count;
            _taken = 0;
            _state = Asked;
            if (!HasThread())
            {
                _state = Nothing;
                return false;
            }
        }

        _wake.Set();
        return true;
    }

    public int Poll(byte[] buffer, int at, int count)
    {
        lock (_lock)
        {
            if (_state == Asked)
            {
                return 0;
            }

            if (_state != Here || _taken == _count)
            {
                return -1;
            }

            int taken = count < _count - _taken ? count : _count - _taken;
            Array.Copy(_exchange.Body, _taken, buffer, at, taken);
            _taken += taken;
            return taken;
        }
    }

    public void GiveUp()
    {
        lock (_lock)
        {
            _number++;
            _state = Nothing;
        }
    }

    /// <summary>Ends the thread and the connection, soon; nothing can be asked for any more.</summary>
    public void End()
    {
        lock (_lock)
        {
            GiveUp();
            _isEnded = true;
        }

        _wake.Set();
    }

    // A second look at a request that is given up is free: the exchange asks between any two reads.
    internal bool IsWanted(int number)
    {
        lock (_lock)
        {
            return number == _number;
        }
    }

    private bool HasThread()
    {
        if (_hasThread)
        {
            return true;
        }

        try
        {
#if NANOFRAMEWORK_1_0
            new Thread(Run).Start();
#else
            new Thread(Run) { IsBackground = true }.Start();
#endif
            _hasThread = true;
        }
        catch (Exception)
        {
            // No memory for it now: blocks bring the blob.
        }

        return _hasThread;
    }

    private void Run()
    {
        bool goesOn = true;
        while (goesOn)
        {
            if (!_wake.WaitOne(IdleTimeout, false))
            {
                _exchange.Close();
            }

            goesOn = Serve();
        }

        _exchange.Close();
    }

    private bool Serve()
    {
        HttpRequest request;
        lock (_lock)
        {
            if (_isEnded || _state != Asked)
            {
                return !_isEnded;
            }

            request = new HttpRequest(this, _number, _address, _offset, _count, _clock.Milliseconds() + RequestTimeout);
        }

        bool isHere = false;
        try
        {
            isHere = (!request.UsesTls || TlsClock.Prepare(_clock, _options.TimeFloor)) && _exchange.Run(request);
        }
        catch (Exception)
        {
            // A connection that breaks, an answer that does not come, no memory: no answer.
            _exchange.Close();
        }

        lock (_lock)
        {
            if (request.Number == _number)
            {
                _state = isHere ? Here : Failed;
            }

            return !_isEnded;
        }
    }
}
