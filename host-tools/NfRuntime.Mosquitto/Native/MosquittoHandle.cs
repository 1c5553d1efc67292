using System.Runtime.InteropServices;

namespace NfRuntime.Mosquitto.Native;

/// <summary>
/// Owns a <c>struct mosquitto</c>. A client that is disposed of by its own handler lives on until the native call returns, because the
/// marshaller holds a reference meanwhile.
/// </summary>
internal sealed class MosquittoHandle : SafeHandle
{
    private GCHandle _owner;

    /// <summary>An empty handle; <see cref="Open"/> fills it.</summary>
    public MosquittoHandle()
        : base(0, ownsHandle: true)
    {
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Makes a client whose callbacks get <paramref name="client"/> as user data, held weakly.</summary>
    /// <exception cref="MosquittoException">The client id was refused or there is no memory.</exception>
    public static MosquittoHandle Open(string clientId, bool cleanSession, object client)
    {
        var opened = new MosquittoHandle { _owner = GCHandle.Alloc(client, GCHandleType.Weak) };
        opened.SetHandle(Libmosquitto.mosquitto_new(clientId, cleanSession, GCHandle.ToIntPtr(opened._owner)));
        if (opened.IsInvalid)
        {
            opened._owner.Free();
            throw new MosquittoException("new", Libmosquitto.Errno, Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));
        }

        return opened;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        Libmosquitto.mosquitto_destroy(handle);
        _owner.Free();
        return true;
    }
}
