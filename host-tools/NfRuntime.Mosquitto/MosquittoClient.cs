using System;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using NfRuntime.Mosquitto.Native;

namespace NfRuntime.Mosquitto;

/// <summary>
/// One MQTT client that is driven from outside and owns no thread: when <see cref="Socket"/> is readable call <see cref="LoopRead"/>, when it is
/// writable and <see cref="WantsWrite"/> call <see cref="LoopWrite"/>, and every second <see cref="LoopMisc"/>. <see cref="MosquittoPoll"/> does that for many,
/// <see cref="MosquittoThread"/> for one. Not thread-safe. A client costs three file descriptors: libmosquitto opens a socket pair besides.
/// </summary>
public sealed unsafe partial class MosquittoClient : IDisposable
{
    // Lazy, so that a missing library is a DllNotFoundException and no failure of this type's initialization.
    private static readonly Lazy<int> Initialized = new(Libmosquitto.mosquitto_lib_init);

    private readonly IMosquittoHandler _handler;
    private readonly MosquittoHandle _native;
    private readonly MosquittoOptions _options;
    private ExceptionDispatchInfo? _failure;
    private string? _lastLog;
    private long _deadline;
    private bool _begun;
    private bool _open;
    private bool _inCallback;

    /// <summary>Makes a client; nothing is sent before <see cref="Connect"/>.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="MosquittoException">libmosquitto refused an option, for instance a TLS file that cannot be read.</exception>
    /// <exception cref="DllNotFoundException">libmosquitto.so.1 is not installed (Debian: libmosquitto1).</exception>
    public MosquittoClient(MosquittoOptions options, IMosquittoHandler handler)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(handler);
        OptionChecks.Check(options);
        Check("lib_init", Initialized.Value);
        _options = options;
        _handler = handler;
        _native = MosquittoHandle.Open(_options.ClientId, _options.CleanSession, this);
        try
        {
            Configure();
        }
        catch
        {
            _native.Dispose();
            throw;
        }
    }

    /// <summary>Version of the library, for instance 2.0.11.</summary>
    public static Version LibraryVersion
    {
        get
        {
            _ = Libmosquitto.mosquitto_lib_version(out int major, out int minor, out int revision);
            return new Version(major, minor, revision);
        }
    }

    /// <summary>The options it was made with.</summary>
    public MosquittoOptions Options => _options;

    /// <summary>The socket of a connection that is open or being opened, else -1. Its number can be the same again after a reconnection: see <see cref="Connection"/>.</summary>
    public int Socket => _open ? Libmosquitto.mosquitto_socket(_native) : -1;

    /// <summary>The poll that drives it, told of whatever can change what epoll must know.</summary>
    internal MosquittoPoll.Watch? Watch { get; set; }

    /// <summary>How many connections were tried; tells one socket from a later one with the same number.</summary>
    public int Connection { get; private set; }

    /// <summary>Whether the broker has accepted the connection and it has not ended since.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>Whether something waits to be written.</summary>
    public bool WantsWrite => _open && Libmosquitto.mosquitto_want_write(_native);

    /// <summary>The last error that libmosquitto or OpenSSL logged for this client ("certificate verify failed"), or null.</summary>
    public string? LastError => _lastLog;

    /// <summary>
    /// Opens a connection: resolves the name and waits for TCP (on loopback at once); TLS and the broker's answer follow in <see cref="LoopRead"/>.
    /// Afterwards the same as <see cref="Reconnect"/>.
    /// </summary>
    /// <exception cref="MosquittoException">No such host, nobody listens, or TLS failed at once (more often it fails in <see cref="LoopRead"/>). <see cref="IMosquittoHandler.Disconnected"/> is not called for this.</exception>
    /// <exception cref="InvalidOperationException">Called from a handler.</exception>
    public void Connect()
    {
        NotFromHandler();
        if (_begun)
        {
            Reconnect();
            return;
        }

        Begin("connect", Libmosquitto.mosquitto_connect(_native, _options.Host, _options.Port, _options.KeepaliveSeconds));
        _begun = true;
    }

    /// <summary>Closes what is open without a word (to the handler neither; the will is published) and connects again. Messages of QoS 1 and 2 that were not acknowledged are sent again.</summary>
    /// <inheritdoc cref="Connect"/>
    public void Reconnect()
    {
        NotFromHandler();
        if (!_begun)
        {
            Connect();
            return;
        }

        Begin("reconnect", Libmosquitto.mosquitto_reconnect(_native));
    }

    /// <summary>Says goodbye: the will is not published. Does nothing when no connection is open.</summary>
    public void Disconnect()
    {
        if (!_open)
        {
            return;
        }

        if (!IsConnected)
        {
            Abandon(Libmosquitto.Success);
        }
        else
        {
            After(Libmosquitto.mosquitto_disconnect(_native));
        }
    }

    /// <summary>Subscribes. The answer comes as <see cref="IMosquittoHandler.Subscribed"/>; mosquitto grants what its ACL forbids and then delivers nothing.</summary>
    /// <returns>The packet's id.</returns>
    /// <exception cref="MosquittoException">Not connected, or an invalid filter.</exception>
    public int Subscribe(string filter, int qos)
    {
        Text(filter);
        int rc = Libmosquitto.mosquitto_subscribe(_native, out int mid, filter, qos);
        Rethrow();
        return Check("subscribe", rc, mid);
    }

    /// <summary>Ends a subscription.</summary>
    /// <inheritdoc cref="Subscribe"/>
    public int Unsubscribe(string filter)
    {
        Text(filter);
        int rc = Libmosquitto.mosquitto_unsubscribe(_native, out int mid, filter);
        Rethrow();
        return Check("unsubscribe", rc, mid);
    }

    /// <summary>
    /// Publishes. QoS 0 needs a connection; QoS 1 and 2 are kept until the broker has acknowledged them, over any number of connections.
    /// The library's own queue has no bound: see that <see cref="WantsWrite"/> is false before giving it much.
    /// </summary>
    /// <returns>The message's id, 1–65535; it comes round again after 65,535 messages.</returns>
    /// <exception cref="MosquittoException">QoS 0 and not connected, an invalid topic, or a payload of more than 268,435,455 bytes.</exception>
    public int Publish(string topic, ReadOnlySpan<byte> payload, int qos, bool retain)
    {
        Text(topic);
        fixed (byte* bytes = payload)
        {
            int rc = Libmosquitto.mosquitto_publish(_native, out int mid, topic, payload.Length, bytes, qos, retain);
            Rethrow();
            bool kept = qos > 0 && rc is Libmosquitto.NoConnection or Libmosquitto.ConnectionLost or Libmosquitto.Errno;
            return kept ? mid : Check("publish", rc, mid);
        }
    }

    /// <summary>
    /// Reads and calls the handler, until the socket is empty or <paramref name="packets"/> packets or so were read. False when the connection has ended.
    /// What OpenSSL has decrypted already is always read: the socket would not tell of it.
    /// </summary>
    public bool LoopRead(int packets = 16)
    {
        for (int i = 0; _open && (i < packets || TlsPending.Any(_native)); i++)
        {
            int rc = Libmosquitto.mosquitto_loop_read(_native, 1);
            bool empty = Marshal.GetLastPInvokeError() == Libc.Again;
            After(rc);
            if (empty && _open && !TlsPending.Any(_native))
            {
                break;
            }
        }

        return _open;
    }

    /// <summary>Writes what waits. False when the connection has ended.</summary>
    public bool LoopWrite()
    {
        if (_open)
        {
            After(Libmosquitto.mosquitto_loop_write(_native, 1));
        }

        return _open;
    }

    /// <summary>Pings when it is time, and gives up a connection that takes too long or whose broker is silent. False when the connection has ended.</summary>
    public bool LoopMisc()
    {
        if (_open && !IsConnected && Environment.TickCount64 > _deadline)
        {
            Abandon(Libmosquitto.Keepalive);
        }

        if (_open)
        {
            After(Libmosquitto.mosquitto_loop_misc(_native));
        }

        return _open;
    }

    /// <summary>
    /// The socket reported an error or a hang-up. libmosquitto takes a TLS handshake that died so for one that still goes on and
    /// would be asked for ever: ends the connection if reading has not.
    /// </summary>
    public void SocketFailed()
    {
        if (LoopRead() && !IsConnected)
        {
            Abandon(Libmosquitto.ConnectionLost);
        }
    }

    /// <summary>Closes without a DISCONNECT (the will is published) and frees the client. In a handler it takes effect when the handler has returned.</summary>
    public void Dispose()
    {
        _open = IsConnected = false;
        Watch?.Owner.Remove(this);
        _native.Dispose();
    }
}
