#if NANOFRAMEWORK_1_0
using Context = System.Int32;
#else
using Context = System.IntPtr;
#endif

namespace NfRuntime.Native;

/// <summary>
/// A device's flash store, lifecycle, trust and capsules in place, by firmware/interop/nfr_device.h. Allocates at construction, for
/// names and texts that it returns, and once for each version that is opened; nothing on the way of blocks and slices.
/// </summary>
public sealed partial class NativeStore : IDeviceStore
{
    private const int DigestBytes = 32;
    private const int MaxVersions = 4;
    private const int UsageWords = 8;
    private const int SettingsWords = 4;
    private const int ReportWords = 4;

    // Of struct nfr_device_name: words, a digest, three versions (words, a digest), the name.
    private const int NameBytes = 284;
    private const int RejectedStart = 20;
    private const int VersionsStart = RejectedStart + DigestBytes;
    private const int VersionBytes = 56;
    private const int TextStart = VersionsStart + (3 * VersionBytes);

    private readonly byte[] _name = new byte[NameBytes];
    private readonly int[] _usage = new int[UsageWords];
    private readonly int[] _settings = new int[SettingsWords];
    private readonly int[] _report = new int[ReportWords];
    private readonly NativeCapsule[] _capsules = new NativeCapsule[MaxVersions];
    private Context _device;

    public int ChunkLog2
    {
        get { return NotNegative(DeviceMethods.ChunkLog2(_device)); }
    }

    public int ChunkCount
    {
        get { return NotNegative(DeviceMethods.ChunkCount(_device)); }
    }

    public int KeyListVersion
    {
        get { return NotNegative(DeviceMethods.KeyListVersion(_device)); }
    }

    public long Generation
    {
        get { return Setting(0); }
    }

    public long KnownTime
    {
        get { return Setting(2); }
    }

    public int Mount()
    {
        ForgetCapsules();
        return DeviceMethods.Mount(_device);
    }

    public int Format()
    {
        ForgetCapsules();
        return DeviceMethods.Format(_device);
    }

    public int Boot(int cause, byte[] firmware)
    {
        return firmware.Length == 16 ? DeviceMethods.Boot(_device, cause, firmware) : NativeError.Argument;
    }

    public int StepJob(int bytes)
    {
        return DeviceMethods.Step(_device, bytes);
    }

    public void Cancel()
    {
        _ = DeviceMethods.Cancel(_device);
    }

    public int BlobState(byte[] digest)
    {
        return IsDigest(digest) ? DeviceMethods.BlobState(_device, digest) : NativeError.Argument;
    }

    public int Begin(byte[] digest, int bytes, int chunkLog2)
    {
        return IsDigest(digest) ? DeviceMethods.Begin(_device, digest, bytes, chunkLog2) : NativeError.Argument;
    }

    public int Missing(int chunk)
    {
        return DeviceMethods.Missing(_device, chunk);
    }

    public int Write(int chunk, byte[] data, int offset, int count)
    {
        return IsRange(data, offset, count) ? DeviceMethods.Write(_device, chunk, data, offset, count) : NativeError.Argument;
    }

    public int Sync()
    {
        return DeviceMethods.Sync(_device);
    }

    public int Finish()
    {
        return DeviceMethods.Finish(_device);
    }

    public int Read(byte[] digest, int offset, byte[] data, int at, int count)
    {
        bool isRight = IsDigest(digest) && IsRange(data, at, count);
        return isRight ? DeviceMethods.Read(_device, digest, offset, data, at, count) : NativeError.Argument;
    }

    public int Room(int bytes, int slots)
    {
        return DeviceMethods.Room(_device, bytes, slots);
    }

    public int Prepare(int records)
    {
        return DeviceMethods.Prepare(_device, records);
    }

    public int Scrub(int bytes)
    {
        return DeviceMethods.Scrub(_device, bytes);
    }

    public int Usage(StoreUsage usage)
    {
        int error = DeviceMethods.Usage(_device, _usage);
        if (error == NativeError.Ok)
        {
            usage.Bytes = _usage[0];
            usage.Used = _usage[1];
            usage.Garbage = _usage[2];
            usage.Free = _usage[3];
            usage.Largest = _usage[4];
            usage.SlotsUsed = _usage[5];
            usage.Slots = _usage[6];
            usage.WasDamaged = _usage[7] != 0;
        }

        return error;
    }

    public int UseKeyList(byte[] bytes)
    {
        return DeviceMethods.UseKeyList(_device, bytes, bytes.Length);
    }

    public CapsuleSummary Verify(byte[] manifest)
    {
        byte[] summary = new byte[CapsuleSummary.ByteCount];
        _ = DeviceMethods.Verify(_device, manifest, manifest.Length, summary);
        return new CapsuleSummary(summary);
    }

    public bool Section(byte[] manifest, int kind, byte[] digest, out int bytes)
    {
        int found = IsDigest(digest) ? DeviceMethods.Section(_device, manifest, manifest.Length, kind, digest) : NativeError.Argument;
        bytes = NotNegative(found);
        return found > 0;
    }

    public int Hash(byte[] data, int offset, int count, byte[] digest)
    {
        bool isRight = IsDigest(digest) && IsRange(data, offset, count);
        return isRight ? DeviceMethods.Hash(_device, data, offset, count, digest) : NativeError.Argument;
    }

    public uint Crc32(uint start, byte[] data, int offset, int count)
    {
        return IsRange(data, offset, count) ? (uint)DeviceMethods.Crc32((int)start, data, offset, count) : start;
    }

    private static bool IsDigest(byte[] digest)
    {
        return digest.Length == DigestBytes;
    }

    private static bool IsRange(byte[] data, int offset, int count)
    {
        return offset >= 0 && count >= 0 && offset <= data.Length && count <= data.Length - offset;
    }

    private static int NotNegative(int value)
    {
        return value < 0 ? 0 : value;
    }
}
