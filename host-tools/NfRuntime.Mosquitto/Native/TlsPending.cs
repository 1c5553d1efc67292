using System.Runtime.InteropServices;

namespace NfRuntime.Mosquitto.Native;

/// <summary>
/// How much decrypted data OpenSSL still holds for a client. A socket is not readable then, so epoll says nothing of it.
/// The function is found through libmosquitto's own dependency: the version of OpenSSL is the library's, not ours to name.
/// </summary>
internal static unsafe class TlsPending
{
    private static readonly delegate* unmanaged[Cdecl]<nint, int> Pending =
        (delegate* unmanaged[Cdecl]<nint, int>)NativeLibrary.GetExport(NativeLibrary.Load(Libmosquitto.Library, typeof(TlsPending).Assembly, null), "SSL_pending");

    /// <summary>Whether a read would find data although the socket is quiet. False without TLS.</summary>
    public static bool Any(MosquittoHandle client)
    {
        nint ssl = Libmosquitto.mosquitto_ssl_get(client);
        return ssl != 0 && Pending(ssl) > 0;
    }
}
