using System;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Text;
using NfRuntime.Mosquitto.Native;

namespace NfRuntime.Mosquitto;

// What libmosquitto calls. No exception leaves any of these: the first one is kept and thrown by the managed call that is on the stack below.
public sealed unsafe partial class MosquittoClient
{
    private void Configure()
    {
        Check("protocol version", Libmosquitto.mosquitto_int_option(_native, Libmosquitto.OptionProtocolVersion, _options.Mqtt5 ? Libmosquitto.Protocol5 : Libmosquitto.Protocol311));
        Check("no delay", Libmosquitto.mosquitto_int_option(_native, Libmosquitto.OptionTcpNoDelay, 1));
        Libmosquitto.mosquitto_log_callback_set(_native, &OnLog);
        Libmosquitto.mosquitto_connect_v5_callback_set(_native, &OnConnect);
        Libmosquitto.mosquitto_disconnect_v5_callback_set(_native, &OnDisconnect);
        Libmosquitto.mosquitto_publish_v5_callback_set(_native, &OnPublish);
        Libmosquitto.mosquitto_message_v5_callback_set(_native, &OnMessage);
        Libmosquitto.mosquitto_subscribe_v5_callback_set(_native, &OnSubscribe);
        if (_options.User is not null)
        {
            Check("user", Libmosquitto.mosquitto_username_pw_set(_native, _options.User, _options.Password));
        }

        if (_options.Will is { } will)
        {
            fixed (byte* payload = will.Payload.Span)
            {
                Check("will", Libmosquitto.mosquitto_will_set(_native, will.Topic, will.Payload.Length, payload, will.Qos, will.Retain));
            }
        }

        if (_options.Tls is { } tls)
        {
            const int verifyPeer = 1;
            Check("tls", Libmosquitto.mosquitto_tls_set(_native, tls.CaFile, null, tls.CertificateFile, tls.KeyFile, 0), $"ca {tls.CaFile}, certificate {tls.CertificateFile}, key {tls.KeyFile}");
            Check("tls options", Libmosquitto.mosquitto_tls_opts_set(_native, verifyPeer, null, null)); // no version named: 1.2 and newer
            Check("tls host name", Libmosquitto.mosquitto_tls_insecure_set(_native, false));
        }
    }

    private static void Check(string call, int rc, string detail)
    {
        if (rc != Libmosquitto.Success)
        {
            throw new MosquittoException(call, rc, detail);
        }
    }

    private static MosquittoClient? Of(nint userData) => GCHandle.FromIntPtr(userData).Target as MosquittoClient;

    private void Guard(Action told)
    {
        bool outer = _inCallback;
        _inCallback = true;
        try
        {
            told();
        }
#pragma warning disable CA1031 // whatever a handler throws must not unwind C frames; Rethrow brings it out
        catch (Exception e)
#pragma warning restore CA1031
        {
            _failure ??= ExceptionDispatchInfo.Capture(e);
        }
        finally
        {
            _inCallback = outer;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnConnect(nint mosquitto, nint userData, int reasonCode, int flags, nint properties)
    {
        if (Of(userData) is { _open: true } client)
        {
            client.IsConnected = reasonCode == 0;
            client.Guard(() => client._handler.Connected(reasonCode, (flags & 1) != 0));
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnDisconnect(nint mosquitto, nint userData, int rc, nint properties)
    {
        if (Of(userData) is { _open: true } client)
        {
            client.Ended(rc);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnPublish(nint mosquitto, nint userData, int mid, int reasonCode, nint properties)
    {
        if (Of(userData) is { } client)
        {
            client.Guard(() => client._handler.Published(mid, reasonCode));
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnMessage(nint mosquitto, nint userData, Libmosquitto.Message* message, nint properties)
    {
        if (Of(userData) is { _open: true } client)
        {
            client.Guard(() => client._handler.Message(
                Marshal.PtrToStringUTF8((nint)message->Topic) ?? "",
                new ReadOnlySpan<byte>(message->Payload, message->PayloadLength),
                message->Qos,
                message->Retain != 0));
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnSubscribe(nint mosquitto, nint userData, int mid, int count, int* granted, nint properties)
    {
        if (Of(userData) is { } client)
        {
            client.Guard(() => client._handler.Subscribed(mid, new ReadOnlySpan<int>(granted, count)));
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnLog(nint mosquitto, nint userData, int level, byte* text)
    {
        if (level == Libmosquitto.LogError && Of(userData) is { } client)
        {
            client._lastLog = Marshal.PtrToStringUTF8((nint)text);
        }
    }

    // The library has no call that just closes: shut the connection down; the descriptor goes with the next connection or with Dispose.
    private void Abandon(int rc)
    {
        _ = Libc.shutdown(Socket, Libc.ShutdownBoth);
        Ended(rc);
        Rethrow();
    }

    private void Begin(string call, int rc)
    {
        if (rc == Libmosquitto.Errno && Marshal.GetLastPInvokeError() == Libc.ProtocolError)
        {
            rc = Libmosquitto.Tls; // the handshake was over already and the broker's alert was the answer to our CONNECT
        }

        _open = rc == Libmosquitto.Success;
        IsConnected = false;
        Connection++;
        _deadline = Environment.TickCount64 + (long)_options.ConnectTimeout.TotalMilliseconds;
        Rethrow();
        Check(call, rc);
    }

    private void NotFromHandler()
    {
        if (_inCallback)
        {
            throw new InvalidOperationException("A handler may not connect: do it after the loop call has returned.");
        }
    }

    private void After(int rc)
    {
        if (_open && (rc != Libmosquitto.Success || Libmosquitto.mosquitto_socket(_native) < 0))
        {
            Ended(rc); // a failed TLS handshake closes the socket and calls nobody
        }

        Rethrow();
    }

    private void Ended(int rc)
    {
        _open = IsConnected = false;
        Guard(() => _handler.Disconnected(rc));
    }

    // After every native call: epoll hears of the change, and what a handler threw comes out.
    private void Rethrow()
    {
        Watch?.Update();
        ExceptionDispatchInfo? thrown = _failure;
        _failure = null;
        thrown?.Throw();
    }

    private int Check(string call, int rc, int result = 0) => rc == Libmosquitto.Success ? result : throw Refused(call, rc);

    private MosquittoException Refused(string call, int rc) =>
        new(call, rc, rc == Libmosquitto.Errno ? Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()) : _lastLog);

    // A NUL would end the text early for the C library, and the topic would be another one.
    private static void Text(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        if (text.Contains('\0', StringComparison.Ordinal) || Encoding.UTF8.GetByteCount(text) > ushort.MaxValue)
        {
            throw new ArgumentException("A topic has 1 to 65535 bytes and no NUL.", nameof(text));
        }
    }
}
