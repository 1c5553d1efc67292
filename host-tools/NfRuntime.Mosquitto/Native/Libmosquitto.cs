using System.Runtime.InteropServices;

namespace NfRuntime.Mosquitto.Native;

/// <summary>libmosquitto 2.0 (header <c>mosquitto.h</c>), just what is used. Every call but <c>mosquitto_new</c> takes a live handle.</summary>
internal static unsafe partial class Libmosquitto
{
    public const string Library = "libmosquitto.so.1";

    /// <summary>enum mosq_err_t, the values that are told apart here.</summary>
    public const int Success = 0, Invalid = 3, NoConnection = 4, ConnectionLost = 7, Tls = 8, Errno = 14, Keepalive = 19;

    /// <summary>enum mosq_opt_t.</summary>
    public const int OptionProtocolVersion = 1, OptionTcpNoDelay = 11;

    /// <summary>MQTT_PROTOCOL_V311 and MQTT_PROTOCOL_V5.</summary>
    public const int Protocol311 = 4, Protocol5 = 5;

    public const int LogError = 8;

    /// <summary>struct mosquitto_message.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Message
    {
        public int Mid;
        public byte* Topic;
        public byte* Payload;
        public int PayloadLength;
        public int Qos;
        public byte Retain;
    }

    [LibraryImport(Library)]
    public static partial int mosquitto_lib_init();

    [LibraryImport(Library)]
    public static partial int mosquitto_lib_version(out int major, out int minor, out int revision);

    [LibraryImport(Library)]
    public static partial byte* mosquitto_strerror(int error);

    [LibraryImport(Library)]
    public static partial byte* mosquitto_reason_string(int reasonCode);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial nint mosquitto_new(string? id, [MarshalAs(UnmanagedType.U1)] bool cleanSession, nint userData);

    [LibraryImport(Library)]
    public static partial void mosquitto_destroy(nint client);

    [LibraryImport(Library)]
    public static partial int mosquitto_int_option(MosquittoHandle client, int option, int value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mosquitto_username_pw_set(MosquittoHandle client, string? user, string? password);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mosquitto_tls_set(MosquittoHandle client, string? caFile, string? caPath, string? certificateFile, string? keyFile, nint passwordCallback);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mosquitto_tls_opts_set(MosquittoHandle client, int verify, string? version, string? ciphers);

    [LibraryImport(Library)]
    public static partial int mosquitto_tls_insecure_set(MosquittoHandle client, [MarshalAs(UnmanagedType.U1)] bool insecure);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mosquitto_will_set(MosquittoHandle client, string topic, int payloadLength, byte* payload, int qos, [MarshalAs(UnmanagedType.U1)] bool retain);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int mosquitto_connect(MosquittoHandle client, string host, int port, int keepaliveSeconds);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int mosquitto_reconnect(MosquittoHandle client);

    [LibraryImport(Library)]
    public static partial int mosquitto_disconnect(MosquittoHandle client);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mosquitto_publish(MosquittoHandle client, out int mid, string topic, int payloadLength, byte* payload, int qos, [MarshalAs(UnmanagedType.U1)] bool retain);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mosquitto_subscribe(MosquittoHandle client, out int mid, string filter, int qos);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mosquitto_unsubscribe(MosquittoHandle client, out int mid, string filter);

    [LibraryImport(Library)]
    public static partial int mosquitto_socket(MosquittoHandle client);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool mosquitto_want_write(MosquittoHandle client);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int mosquitto_loop_read(MosquittoHandle client, int maxPackets);

    [LibraryImport(Library)]
    public static partial int mosquitto_loop_write(MosquittoHandle client, int maxPackets);

    [LibraryImport(Library)]
    public static partial int mosquitto_loop_misc(MosquittoHandle client);

    [LibraryImport(Library)]
    public static partial nint mosquitto_ssl_get(MosquittoHandle client);

    [LibraryImport(Library)]
    public static partial void mosquitto_connect_v5_callback_set(MosquittoHandle client, delegate* unmanaged[Cdecl]<nint, nint, int, int, nint, void> callback);

    [LibraryImport(Library)]
    public static partial void mosquitto_disconnect_v5_callback_set(MosquittoHandle client, delegate* unmanaged[Cdecl]<nint, nint, int, nint, void> callback);

    [LibraryImport(Library)]
    public static partial void mosquitto_publish_v5_callback_set(MosquittoHandle client, delegate* unmanaged[Cdecl]<nint, nint, int, int, nint, void> callback);

    [LibraryImport(Library)]
    public static partial void mosquitto_message_v5_callback_set(MosquittoHandle client, delegate* unmanaged[Cdecl]<nint, nint, Message*, nint, void> callback);

    [LibraryImport(Library)]
    public static partial void mosquitto_subscribe_v5_callback_set(MosquittoHandle client, delegate* unmanaged[Cdecl]<nint, nint, int, int, int*, nint, void> callback);

    [LibraryImport(Library)]
    public static partial void mosquitto_log_callback_set(MosquittoHandle client, delegate* unmanaged[Cdecl]<nint, nint, int, byte*, void> callback);
}
