#if !NANOFRAMEWORK_1_0
using System;
using System.Runtime.InteropServices;

namespace NfRuntime.Native;

/// <summary>What only a host process calls of firmware/interop/nfr_native.h (contexts, opening from memory) and host/nfr_host.h (flash).</summary>
internal static class HostMethods
{
    [DllImport("nfr", EntryPoint = "nfr_native_size")]
    internal static extern int Size();

    [DllImport("nfr", EntryPoint = "nfr_native_init")]
    internal static extern int Init(IntPtr context, int contextBytes, IntPtr arena, int arenaBytes, IntPtr pool, int poolBytes, IntPtr rootKey);

    [DllImport("nfr", EntryPoint = "nfr_native_facts")]
    internal static extern void Facts(IntPtr context, [Out] byte[] facts);

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

    [DllImport("nfr", EntryPoint = "nfr_native_set_board")]
    internal static extern int SetBoard(IntPtr context, byte[] board);

    [DllImport("nfr", EntryPoint = "nfr_device_size")]
    internal static extern int DeviceSize(int slots, int bufferBytes);

    [DllImport("nfr", EntryPoint = "nfr_host_device_init")]
    internal static extern int DeviceInit(IntPtr device, int deviceBytes, IntPtr context, IntPtr flash, long identity, int slots, int bufferBytes);

    [DllImport("nfr", EntryPoint = "nfr_device_end")]
    internal static extern void DeviceEnd(IntPtr device);

    [DllImport("nfr", EntryPoint = "nfr_host_flash_new")]
    internal static extern int FlashNew(int[] words, byte[]? file, out IntPtr model);

    [DllImport("nfr", EntryPoint = "nfr_host_flash_delete")]
    internal static extern void FlashDelete(IntPtr model);

    [DllImport("nfr", EntryPoint = "nfr_host_flash_cut")]
    internal static extern int FlashCut(IntPtr model, long operation, int kind);

    [DllImport("nfr", EntryPoint = "nfr_host_flash_power_on")]
    internal static extern void FlashPowerOn(IntPtr model, long seed);

    [DllImport("nfr", EntryPoint = "nfr_host_flash_is_on")]
    internal static extern int FlashIsOn(IntPtr model);

    [DllImport("nfr", EntryPoint = "nfr_host_flash_flip")]
    internal static extern int FlashFlip(IntPtr model, int region, int offset, int bit);

    [DllImport("nfr", EntryPoint = "nfr_host_flash_counts")]
    internal static extern int FlashCounts(IntPtr model, int region, long[] counts);

    [DllImport("nfr", EntryPoint = "nfr_host_flash_violations")]
    internal static extern long FlashViolations(IntPtr model, byte[]? text, int capacity);
}
#endif
