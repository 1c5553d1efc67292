#if NANOFRAMEWORK_1_0
using System.Runtime.CompilerServices;
using Context = System.Int32;
#else
using System.Runtime.InteropServices;
using Context = System.IntPtr;
#endif

namespace NfRuntime.Native;

/// <summary>
/// The functions of firmware/interop/nfr_native.h that work on an open capsule, alike on both targets: InternalCall on the device
/// (its one context is the glue's own, the argument is 0), P/Invoke into libnfr on net10.0. Structures are read as 32-bit words.
/// </summary>
internal static class NativeMethods
{
#if NANOFRAMEWORK_1_0
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Close(Context context, int handle);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Info(Context context, int handle, int[] words);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Tensor(Context context, int handle, int isOutput, int index, int[] words);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Label(Context context, int handle, int index, byte[] text, int capacity);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int WriteInput(Context context, int handle, int index, sbyte[] source, int offset, int count);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int WriteInputFloat(Context context, int handle, int index, float[] source, int first, int count);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Feed(Context context, int handle, int index, byte[] samples, int count);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Begin(Context context, int handle);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Step(Context context, int handle, int budget);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Abort(Context context, int handle);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int ReadOutput(Context context, int handle, int index, sbyte[] target, int offset, int count);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Result(Context context, int handle, int[] words);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Reset(Context context, int handle);
#else
    [DllImport("nfr", EntryPoint = "nfr_native_close")]
    internal static extern int Close(Context context, int handle);

    [DllImport("nfr", EntryPoint = "nfr_native_info")]
    internal static extern int Info(Context context, int handle, [Out] int[] words);

    [DllImport("nfr", EntryPoint = "nfr_native_tensor")]
    internal static extern int Tensor(Context context, int handle, int isOutput, int index, [Out] int[] words);

    [DllImport("nfr", EntryPoint = "nfr_native_label")]
    internal static extern int Label(Context context, int handle, int index, [Out] byte[] text, int capacity);

    [DllImport("nfr", EntryPoint = "nfr_native_write_input")]
    internal static extern int WriteInput(Context context, int handle, int index, sbyte[] source, int offset, int count);

    [DllImport("nfr", EntryPoint = "nfr_native_write_input_float")]
    internal static extern int WriteInputFloat(Context context, int handle, int index, float[] source, int first, int count);

    [DllImport("nfr", EntryPoint = "nfr_native_feed")]
    internal static extern int Feed(Context context, int handle, int index, byte[] samples, int count);

    [DllImport("nfr", EntryPoint = "nfr_native_begin")]
    internal static extern int Begin(Context context, int handle);

    [DllImport("nfr", EntryPoint = "nfr_native_step")]
    internal static extern int Step(Context context, int handle, int budget);

    [DllImport("nfr", EntryPoint = "nfr_native_abort")]
    internal static extern int Abort(Context context, int handle);

    [DllImport("nfr", EntryPoint = "nfr_native_read_output")]
    internal static extern int ReadOutput(Context context, int handle, int index, [Out] sbyte[] target, int offset, int count);

    [DllImport("nfr", EntryPoint = "nfr_native_result")]
    internal static extern int Result(Context context, int handle, [Out] int[] words);

    [DllImport("nfr", EntryPoint = "nfr_native_reset")]
    internal static extern int Reset(Context context, int handle);
#endif
}
