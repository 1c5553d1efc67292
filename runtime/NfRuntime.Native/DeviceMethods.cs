#if NANOFRAMEWORK_1_0
using System.Runtime.CompilerServices;
using Context = System.Int32;
#else
using System.Runtime.InteropServices;
using Context = System.IntPtr;
#endif

namespace NfRuntime.Native;

/// <summary>
/// The functions of firmware/interop/nfr_device.h, alike on both targets: InternalCall on the device (its one device is the glue's
/// own, the argument is 0), P/Invoke into libnfr on net10.0. Arrays that the firmware fills are pinned, not copied.
/// </summary>
internal static class DeviceMethods
{
#if NANOFRAMEWORK_1_0
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Mount(Context device);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Format(Context device);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Boot(Context device, int cause, byte[] firmware);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Step(Context device, int bytes);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Cancel(Context device);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int BlobState(Context device, byte[] digest);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Begin(Context device, byte[] digest, int bytes, int chunkLog2);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int ChunkLog2(Context device);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int ChunkCount(Context device);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Missing(Context device, int chunk);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Write(Context device, int chunk, byte[] data, int offset, int count);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Sync(Context device);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Finish(Context device);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Read(Context device, byte[] digest, int offset, byte[] data, int at, int count);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Room(Context device, int bytes, int slots);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Prepare(Context device, int records);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Scrub(Context device, int bytes);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Usage(Context device, int[] words);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int UseKeyList(Context device, byte[] bytes, int count);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int KeyListVersion(Context device);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Verify(Context device, byte[] manifest, int count, byte[] summary);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Section(Context device, byte[] manifest, int count, int kind, byte[] digest);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Hash(Context device, byte[] data, int offset, int count, byte[] digest);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int NextName(Context device, int slot, byte[] record);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int FindName(Context device, byte[] text, int length, byte[] record);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int MayFetch(Context device, byte[] text, int length, byte[] manifest, int counter);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Fetch(Context device, byte[] text, int length, int counter, byte[] manifest);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Attach(Context device, int slot, int kind, byte[] digest);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Apply(Context device, int slot, int lifecycleEvent, int reason, int detail, int place);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Serving(Context device, int slot);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Unchecked(Context device);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Tend(Context device);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int PlanRestart(Context device);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Settings(Context device, int[] words);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int SetGeneration(Context device, int low, int high);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int SetTime(Context device, int low, int high);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int OpenVersion(Context device, int slot, int place);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int TestVersion(Context device, int slot, int place);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int VersionStep(Context device, int version, int budget, int[] report);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int VersionHandle(Context device, int version);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int CloseVersion(Context device, int version);

    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Crc32(int start, byte[] data, int offset, int count);
#else
    [DllImport("nfr", EntryPoint = "nfr_device_mount")]
    internal static extern int Mount(Context device);

    [DllImport("nfr", EntryPoint = "nfr_device_format")]
    internal static extern int Format(Context device);

    [DllImport("nfr", EntryPoint = "nfr_device_boot")]
    internal static extern int Boot(Context device, int cause, byte[] firmware);

    [DllImport("nfr", EntryPoint = "nfr_device_step")]
    internal static extern int Step(Context device, int bytes);

    [DllImport("nfr", EntryPoint = "nfr_device_cancel")]
    internal static extern int Cancel(Context device);

    [DllImport("nfr", EntryPoint = "nfr_device_blob_state")]
    internal static extern int BlobState(Context device, byte[] digest);

    [DllImport("nfr", EntryPoint = "nfr_device_begin")]
    internal static extern int Begin(Context device, byte[] digest, int bytes, int chunkLog2);

    [DllImport("nfr", EntryPoint = "nfr_device_chunk_log2")]
    internal static extern int ChunkLog2(Context device);

    [DllImport("nfr", EntryPoint = "nfr_device_chunk_count")]
    internal static extern int ChunkCount(Context device);

    [DllImport("nfr", EntryPoint = "nfr_device_missing")]
    internal static extern int Missing(Context device, int chunk);

    [DllImport("nfr", EntryPoint = "nfr_device_write")]
    internal static extern int Write(Context device, int chunk, byte[] data, int offset, int count);

    [DllImport("nfr", EntryPoint = "nfr_device_sync")]
    internal static extern int Sync(Context device);

    [DllImport("nfr", EntryPoint = "nfr_device_finish")]
    internal static extern int Finish(Context device);

    [DllImport("nfr", EntryPoint = "nfr_device_read")]
    internal static extern int Read(Context device, byte[] digest, int offset, byte[] data, int at, int count);

    [DllImport("nfr", EntryPoint = "nfr_device_room")]
    internal static extern int Room(Context device, int bytes, int slots);

    [DllImport("nfr", EntryPoint = "nfr_device_prepare")]
    internal static extern int Prepare(Context device, int records);

    [DllImport("nfr", EntryPoint = "nfr_device_scrub")]
    internal static extern int Scrub(Context device, int bytes);

    [DllImport("nfr", EntryPoint = "nfr_device_usage")]
    internal static extern int Usage(Context device, int[] words);

    [DllImport("nfr", EntryPoint = "nfr_device_use_key_list")]
    internal static extern int UseKeyList(Context device, byte[] bytes, int count);

    [DllImport("nfr", EntryPoint = "nfr_device_key_list_version")]
    internal static extern int KeyListVersion(Context device);

    [DllImport("nfr", EntryPoint = "nfr_device_verify")]
    internal static extern int Verify(Context device, byte[] manifest, int count, byte[] summary);

    [DllImport("nfr", EntryPoint = "nfr_device_section")]
    internal static extern int Section(Context device, byte[] manifest, int count, int kind, byte[] digest);

    [DllImport("nfr", EntryPoint = "nfr_device_hash")]
    internal static extern int Hash(Context device, byte[] data, int offset, int count, byte[] digest);

    [DllImport("nfr", EntryPoint = "nfr_device_next_name")]
    internal static extern int NextName(Context device, int slot, byte[] record);

    [DllImport("nfr", EntryPoint = "nfr_device_find_name")]
    internal static extern int FindName(Context device, byte[] text, int length, byte[] record);

    [DllImport("nfr", EntryPoint = "nfr_device_may_fetch")]
    internal static extern int MayFetch(Context device, byte[] text, int length, byte[] manifest, int counter);

    [DllImport("nfr", EntryPoint = "nfr_device_fetch")]
    internal static extern int Fetch(Context device, byte[] text, int length, int counter, byte[] manifest);

    [DllImport("nfr", EntryPoint = "nfr_device_attach")]
    internal static extern int Attach(Context device, int slot, int kind, byte[] digest);

    [DllImport("nfr", EntryPoint = "nfr_device_apply")]
    internal static extern int Apply(Context device, int slot, int lifecycleEvent, int reason, int detail, int place);

    [DllImport("nfr", EntryPoint = "nfr_device_serving")]
    internal static extern int Serving(Context device, int slot);

    [DllImport("nfr", EntryPoint = "nfr_device_unchecked")]
    internal static extern int Unchecked(Context device);

    [DllImport("nfr", EntryPoint = "nfr_device_tend")]
    internal static extern int Tend(Context device);

    [DllImport("nfr", EntryPoint = "nfr_device_plan_restart")]
    internal static extern int PlanRestart(Context device);

    [DllImport("nfr", EntryPoint = "nfr_device_settings")]
    internal static extern int Settings(Context device, int[] words);

    [DllImport("nfr", EntryPoint = "nfr_device_set_generation")]
    internal static extern int SetGeneration(Context device, int low, int high);

    [DllImport("nfr", EntryPoint = "nfr_device_set_time")]
    internal static extern int SetTime(Context device, int low, int high);

    [DllImport("nfr", EntryPoint = "nfr_device_version_open")]
    internal static extern int OpenVersion(Context device, int slot, int place);

    [DllImport("nfr", EntryPoint = "nfr_device_version_test")]
    internal static extern int TestVersion(Context device, int slot, int place);

    [DllImport("nfr", EntryPoint = "nfr_device_version_step")]
    internal static extern int VersionStep(Context device, int version, int budget, int[] report);

    [DllImport("nfr", EntryPoint = "nfr_device_version_handle")]
    internal static extern int VersionHandle(Context device, int version);

    [DllImport("nfr", EntryPoint = "nfr_device_version_close")]
    internal static extern int CloseVersion(Context device, int version);

    [DllImport("nfr", EntryPoint = "nfr_device_crc32")]
    internal static extern int Crc32(int start, byte[] data, int offset, int count);
#endif
}
