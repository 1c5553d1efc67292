using System;
using System.IO;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using nanoFramework.Runtime.Native;

namespace NfRuntime.Agent.M2Mqtt;

/// <summary>What connects an agent on a board.</summary>
public static class BoardConnections
{
    /// <summary>To the broker. Does not connect yet.</summary>
    public static M2MqttTransport CreateTransport(M2MqttOptions options)
    {
        return new M2MqttTransport(options, new M2MqttLinkFactory(options), new BoardClock());
    }

    /// <summary>To the registries that desired documents name.</summary>
    public static HttpRangeSource CreateRangeSource(HttpRangeOptions options)
    {
        return new HttpRangeSource(options, new SocketChannel(new BoardTls(options.Authority)), new BoardClock());
    }
}

/// <summary>nanoFramework's clocks.</summary>
internal sealed class BoardClock : IBoardClock
{
    public long Milliseconds()
    {
        return System.Environment.TickCount64;
    }

    public long Seconds()
    {
        return DateTime.UtcNow.ToUnixTimeSeconds();
    }

    public bool SetSeconds(long seconds)
    {
        return Rtc.SetSystemTime(DateTime.FromUnixTimeSeconds(seconds));
    }
}

/// <summary>nanoFramework's TLS, 1.2, with the server's certificate verified.</summary>
internal sealed class BoardTls : ITlsWrapper
{
    private readonly byte[] _authority;

    internal BoardTls(byte[] authority)
    {
        _authority = authority;
    }

    public Stream Wrap(Socket socket, string host)
    {
        SslStream stream = new SslStream(socket);
        stream.UseStoredDeviceCertificate = false;
        stream.SslVerification = SslVerification.CertificateRequired;
        stream.AuthenticateAsClient(host, null!, _authority.Length > 0 ? new X509Certificate(_authority) : null!, SslProtocols.Tls12);
        return stream;
    }
}
