using System;
#if NANOFRAMEWORK_1_0
using Context = System.Int32;
#else
using System.Runtime.InteropServices;
using Context = System.IntPtr;
#endif

namespace NfRuntime.Native;

/// <content>Where it lives: in the glue on a device, in this process on net10.0.</content>
public sealed partial class NativeStore : IDisposable
{
#if NANOFRAMEWORK_1_0
    private readonly Context _capsuleContext = 0;

    /// <summary>The device that the firmware has set up.</summary>
    public NativeStore()
    {
        _device = 0;
    }

    /// <summary>Closes all versions.</summary>
    public void Dispose()
    {
        for (int i = 0; i < MaxVersions; i++)
        {
            CloseVersion(i);
        }
    }
#else
    private readonly Context _capsuleContext;
    private readonly NativeRuntime _runtime;
    private readonly NativeFlash _flash;
    private IntPtr _memory;

    /// <summary>A device on <paramref name="flash"/>; nothing is mounted yet. One at a time on a runtime; it ends with its runtime or flash.</summary>
    /// <param name="runtime">With a root key, where capsules of the store are to open.</param>
    /// <param name="flash">Mapped, where capsules of the store are to open.</param>
    /// <param name="identity">Of the device: a store of another one is <see cref="NativeError.Foreign"/>.</param>
    /// <param name="slots">8 … 4,096: one for each blob and each name, and one.</param>
    /// <param name="bufferBytes">Power of two, at least 512 and two bits for each block of the blob region.</param>
    /// <exception cref="InvalidOperationException">The runtime or the flash is another store's.</exception>
    /// <exception cref="NativeException">No board could have this flash with these sizes.</exception>
    public NativeStore(NativeRuntime runtime, NativeFlash flash, long identity = 1, int slots = 64, int bufferBytes = 1024)
    {
        if (runtime.Disposing != null || flash.Disposing != null)
        {
            throw new InvalidOperationException("the runtime or the flash has a store already");
        }

        _runtime = runtime;
        _flash = flash;
        _capsuleContext = runtime.Context;
        int size = NativeException.Check("the store's size", HostMethods.DeviceSize(slots, bufferBytes));
        _memory = Marshal.AllocHGlobal(size); // of malloc's alignment, 16
        int error = HostMethods.DeviceInit(_memory, size, _capsuleContext, flash.Model, identity, slots, bufferBytes);
        if (error < 0)
        {
            Marshal.FreeHGlobal(_memory);
            throw new NativeException("the store's flash", error);
        }

        _device = _memory;
        runtime.Disposing = Dispose;
        flash.Disposing = Dispose;
    }

    /// <summary>Closes all versions; afterwards every function returns <see cref="NativeError.Argument"/>.</summary>
    public void Dispose()
    {
        if (_memory == IntPtr.Zero)
        {
            return;
        }

        ForgetCapsules();
        HostMethods.DeviceEnd(_device);
        _runtime.Disposing = null;
        _flash.Disposing = null;
        _device = IntPtr.Zero;
        Marshal.FreeHGlobal(_memory);
        _memory = IntPtr.Zero;
    }
#endif
}
