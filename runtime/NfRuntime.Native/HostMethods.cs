#if !NANOFRAMEWORK_1_0
using System;
using System.Runtime.InteropServices;

namespace NfRuntime.Native;

/// <summary>The functions of firmware/interop/nfr_native.h that only a host process calls: contexts, opening from memory.</summary>
internal static class HostMethods
{
    [DllImport("nfr", EntryPoint = "nfr_native_size")]
    internal static extern int Size();

    [DllImport("nfr", EntryPoint = "nfr_native_init")]
    internal static extern int Init(IntPtr context, int contextBytes, IntPtr arena, int arenaBytes, IntPtr pool, int poolBytes, IntPtr rootKey);

    [DllImport("nfr", EntryPoint = "nfr_native_set_key_list")]
    internal static extern int SetKeyList(IntPtr context, IntPtr bytes, int count, int versionFloor);

    [DllImport("nfr", EntryPoint = "nfr_native_verify")]
    internal static extern int Verify(IntPtr context, byte[] manifest, int count, [Out] byte[] summary);

    [DllImport("nfr", EntryPoint = "nfr_native_check_section")]
    internal static extern int CheckSection(IntPtr context, byte[] manifest, int manifestBytes, int kind, byte[] section, int sectionBytes);

    [DllImport("nfr", EntryPoint = "nfr_native_open")]
    internal static extern int Open(IntPtr context, IntPtr manifest, int manifestBytes, IntPtr model, int modelBytes, IntPtr labels, int labelsBytes, int counterFloor);

    [DllImport("nfr", EntryPoint = "nfr_native_open_model")]
    internal static extern int OpenModel(IntPtr context, IntPtr model, int modelBytes);

    [DllImport("nfr", EntryPoint = "nfr_native_self_test_begin")]
    internal static extern int SelfTestBegin(IntPtr context, int handle, IntPtr vectors, int count);

    [DllImport("nfr", EntryPoint = "nfr_native_self_test_step")]
    internal static extern int SelfTestStep(IntPtr context, int handle, int budget, [Out] int[] report);
}
#endif
