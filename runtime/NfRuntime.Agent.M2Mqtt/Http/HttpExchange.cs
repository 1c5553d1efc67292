using System;
using System.Text;

namespace NfRuntime.Agent.M2Mqtt;

/// <summary>Requests over one connection, on the thread that asks. Allocates a request's text; its buffers stay.</summary>
internal sealed class HttpExchange
{
    private readonly IByteChannel _channel;
    private readonly IBoardClock _clock;
    private readonly HttpAnswer _answer = new HttpAnswer();
    private byte[] _header = null!;
    private string _host = string.Empty;
    private int _port;
    private bool _usesTls;
    private bool _isOpen;
    private bool _hasHeard;

    internal HttpExchange(IByteChannel channel, IBoardClock clock)
    {
        _channel = channel;
        _clock = clock;
    }

    /// <summary>What came of the last request that had an answer.</summary>
    internal byte[] Body { get; private set; } = new byte[0];

    /// <summary>Asks, again on a new connection when the one that was kept turns out to be gone. May throw.</summary>
    /// <returns>Whether the body is what was asked for.</returns>
    internal bool Run(HttpRequest request)
    {
        _hasHeard = false;
        bool isKept = _isOpen && _host == request.Host && _port == request.Port && _usesTls == request.UsesTls;
        bool isHere = isKept && AskOnKept(request);
        if (!isHere && !_hasHeard && request.IsWanted)
        {
            Open(request);
            isHere = Ask(request);
        }

        if (!isHere || !_answer.StaysOpen)
        {
            Close();
        }

        return isHere;
    }

    internal void Close()
    {
        _isOpen = false;
        _header = null!;
        _channel.Close();
    }

    private void Open(HttpRequest request)
    {
        Close();
        _channel.Open(request.Host, request.Port, request.UsesTls);
        _host = request.Host;
        _port = request.Port;
        _usesTls = request.UsesTls;
        _isOpen = true;
    }

    // Servers close what is idle: silence on such a connection is no answer yet, and half an answer is.
    private bool AskOnKept(HttpRequest request)
    {
        try
        {
            return Ask(request);
        }
        catch (Exception)
        {
            return false;
        }
    }

    private bool Ask(HttpRequest request)
    {
        byte[] text = Encoding.UTF8.GetBytes(Text(request));
        _channel.Send(text, text.Length);
        _header = _header == null ? new byte[HttpAnswer.MaxHeader] : _header;
        int filled = 0;
        int body = 0;
        while (body == 0)
        {
            int read = filled < _header.Length ? Receive(request, _header, filled, _header.Length - filled) : 0;
            if (read == 0)
            {
                return false;
            }

            _hasHeard = true;
            filled += read;
            body = HttpAnswer.FindBody(_header, filled);
        }

        return _answer.Read(_header, body, request.Offset, request.Count) && TakeBody(request, body, filled - body);
    }

    private bool TakeBody(HttpRequest request, int at, int here)
    {
        if (here > request.Count)
        {
            return false;
        }

        if (Body.Length < request.Count)
        {
            Body = new byte[request.Count];
        }

        Array.Copy(_header, at, Body, 0, here);
        while (here < request.Count)
        {
            int read = Receive(request, Body, here, request.Count - here);
            if (read == 0)
            {
                return false;
            }

            here += read;
        }

        return true;
    }

    // 0: the end, or nobody waits any more.
    private int Receive(HttpRequest request, byte[] bytes, int at, int count)
    {
        return request.IsWanted && _clock.Milliseconds() < request.Deadline ? _channel.Receive(bytes, at, count) : 0;
    }

    private static string Text(HttpRequest request)
    {
        bool isUsual = request.Port == (request.UsesTls ? 443 : 80);
        long last = (long)request.Offset + request.Count - 1;
        return "GET " + request.Path + " HTTP/1.1\r\nHost: " + request.Host + (isUsual ? string.Empty : ":" + request.Port.ToString())
            + "\r\nRange: bytes=" + request.Offset.ToString() + "-" + last.ToString()
            + "\r\nAccept-Encoding: identity\r\nUser-Agent: nf-runtime\r\n\r\n";
    }
}
