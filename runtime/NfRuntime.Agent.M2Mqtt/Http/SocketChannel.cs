using System.IO;
using System.Net;
using System.Net.Sockets;

namespace NfRuntime.Agent.M2Mqtt;

/// <summary>A socket, with TLS where a wrapper for it is given.</summary>
internal sealed class SocketChannel : IByteChannel
{
    private const int Timeout = 10_000; // milliseconds, of each call

    private readonly ITlsWrapper _tls;
    private Socket _socket = null!;
    private Stream _stream = null!;

    /// <param name="tls">Null: without.</param>
    internal SocketChannel(ITlsWrapper tls)
    {
        _tls = tls;
    }

    public void Open(string host, int port, bool usesTls)
    {
        Close();
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _socket.SendTimeout = Timeout;
        _socket.ReceiveTimeout = Timeout;
        _socket.Connect(new IPEndPoint(Find(host), port));
        if (usesTls)
        {
            if (_tls == null)
            {
                throw new IOException("no TLS");
            }

            _stream = _tls.Wrap(_socket, host);
            _stream.ReadTimeout = Timeout;
        }
    }

    public void Send(byte[] bytes, int count)
    {
        if (_stream != null)
        {
            _stream.Write(bytes, 0, count);
            _stream.Flush();
            return;
        }

        for (int sent = 0; sent < count;)
        {
            sent += _socket.Send(bytes, sent, count - sent, SocketFlags.None);
        }
    }

    public int Receive(byte[] bytes, int at, int count)
    {
        return _stream != null ? _stream.Read(bytes, at, count) : _socket.Receive(bytes, at, count, SocketFlags.None);
    }

    public void Close()
    {
        Stream stream = _stream;
        Socket socket = _socket;
        _stream = null!;
        _socket = null!;
        try
        {
            stream?.Close();
            socket?.Close();
        }
        catch (System.Exception)
        {
            // It was broken, and is given back.
        }
    }

    private static IPAddress Find(string host)
    {
        IPAddress[] addresses = Dns.GetHostEntry(host).AddressList;
        for (int i = 0; i < addresses.Length; i++)
        {
            if (addresses[i] != null && addresses[i].AddressFamily == AddressFamily.InterNetwork)
            {
                return addresses[i];
            }
        }

        throw new IOException("no address");
    }
}

/// <summary>Puts TLS over a connected socket.</summary>
internal interface ITlsWrapper
{
    /// <summary>Shakes hands; throws when the other side is not <paramref name="host"/>.</summary>
    Stream Wrap(Socket socket, string host);
}
