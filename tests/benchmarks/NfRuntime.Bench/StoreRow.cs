using System.Collections.Generic;
using System.Text.Json.Serialization;

namespace NfRuntime.Bench;

/// <summary>Mounting a store of some capsules (one name, confirmed, three blobs each), the longest chain that its journal came to hold.</summary>
/// <param name="Capsules">How many.</param>
/// <param name="BlobBytes">Of the blob region.</param>
/// <param name="JournalBlockBytes">Of a block of the journal.</param>
/// <param name="JournalBlocks">How many.</param>
/// <param name="Live">Bytes of live records.</param>
/// <param name="ReadLeast">Bytes of flash read by a mount, after a snapshot.</param>
/// <param name="ReadMost">The most.</param>
/// <param name="BlobRead">Of these from the blob region.</param>
/// <param name="Instructions">Of the mount that reads most, on the emulated core; 0 before it was run.</param>
internal sealed record StoreBoot(int Capsules, long BlobBytes, long JournalBlockBytes, int JournalBlocks, long Live, long ReadLeast, long ReadMost, long BlobRead, long Instructions = 0)
{
    /// <summary>Records that count: manifest, model, vectors and name of each capsule, and the settings.</summary>
    public int Records => (4 * Capsules) + 1;

    /// <summary>What a mount may read: twice the live bytes, two blocks, and every block's header.</summary>
    public long ReadBar => (2 * Live) + (2 * JournalBlockBytes) + (64L * JournalBlocks);
}

/// <summary>Replacing capsules one after the other, the blob region 70 % full of versions that are kept.</summary>
/// <param name="Chip">Of nfr_flash_standards.</param>
/// <param name="Workload">uniform, or cold: half of the capsules are never replaced.</param>
/// <param name="BlockBytes">Of the blob region.</param>
/// <param name="UnitBytes">Its program unit.</param>
/// <param name="BlobBytes">Its size.</param>
/// <param name="JournalBlockBytes">Of the journal.</param>
/// <param name="JournalBlocks">How many.</param>
/// <param name="Capsules">Each with a confirmed and a previous version.</param>
/// <param name="Replaced">Versions that were written and confirmed.</param>
/// <param name="Refused">For which not even compaction made room.</param>
/// <param name="Rooms">How often room had to be made.</param>
/// <param name="Full">Payload that is kept / size of the region, at the end.</param>
/// <param name="Payload">Bytes of the blobs that were written.</param>
/// <param name="BlobProgrammed">Bytes programmed in the blob region.</param>
/// <param name="JournalProgrammed">In the journal.</param>
/// <param name="Amplification">All that was programmed / payload.</param>
/// <param name="BlobWearMean">Erases of a block of the blob region.</param>
/// <param name="BlobWearMax">Of the most worn one.</param>
/// <param name="BlobWearMin">Of the least worn one.</param>
/// <param name="JournalWearMean">Erases of a block of the journal.</param>
/// <param name="JournalWearMax">Of the most worn one.</param>
internal sealed record StoreSteady(string Chip, string Workload, long BlockBytes, int UnitBytes, long BlobBytes, long JournalBlockBytes, int JournalBlocks, int Capsules, int Replaced, int Refused, int Rooms, double Full, long Payload, long BlobProgrammed, long JournalProgrammed, double Amplification, double BlobWearMean, int BlobWearMax, int BlobWearMin, double JournalWearMean, int JournalWearMax)
{
    [JsonIgnore]
    public double BlobSpread => BlobWearMax / BlobWearMean;

    [JsonIgnore]
    public double JournalSpread => JournalWearMax / JournalWearMean;
}

/// <summary>Flash time of the records that change which version serves, the longest of many; the journal was prepared.</summary>
/// <param name="Chip">Of nfr_flash_standards.</param>
/// <param name="JournalBlockBytes">Of the journal.</param>
/// <param name="UnitBytes">Its program unit.</param>
/// <param name="PageUs">Programming one page.</param>
/// <param name="EraseUs">Erasing one block.</param>
/// <param name="TrialUs">The candidate begins to serve.</param>
/// <param name="ConfirmUs">It is confirmed.</param>
/// <param name="RollBackUs">The previous version serves again.</param>
/// <param name="UnpreparedUs">Confirming without nfr_store_prepare.</param>
internal sealed record StoreSwap(string Chip, long JournalBlockBytes, int UnitBytes, long PageUs, long EraseUs, long TrialUs, long ConfirmUs, long RollBackUs, long UnpreparedUs)
{
    [JsonIgnore]
    public long LongestUs => System.Math.Max(TrialUs, System.Math.Max(ConfirmUs, RollBackUs));
}

/// <summary>What a device carries for the store and the lifecycle.</summary>
/// <param name="CodeForSize">Code and constants of all their functions but nfr_reason_text, -Os: what the firmware uses.</param>
/// <param name="CodeForSpeed">The same with -O2.</param>
/// <param name="WithText">-Os, with nfr_reason_text, which explains a reason to people.</param>
/// <param name="WithLibrary">-Os, with what they use of the C library (memcpy, memset, strlen …).</param>
/// <param name="StoreBytes">struct nfr_store.</param>
/// <param name="IndexBytes">Index of 257 slots.</param>
/// <param name="Stack">Static bound of the stack, without what the port's callbacks take.</param>
/// <param name="Deepest">The function that takes it.</param>
/// <param name="DeviceCode">Code of what managed code calls (firmware/interop/nfr_device.h, and versions in place), -Os; not in the others.</param>
/// <param name="DeviceBytes">struct nfr_device, the store in it.</param>
internal sealed record StoreSize(long CodeForSize, long CodeForSpeed, long WithText, long WithLibrary, long StoreBytes, long IndexBytes, int Stack, string Deepest, long DeviceCode, long DeviceBytes);

/// <summary>All that tests/bench store measures.</summary>
internal sealed record StoreFigures(IReadOnlyList<StoreBoot> Boots, IReadOnlyList<StoreSteady> Steady, IReadOnlyList<StoreSwap> Swaps, StoreSize Size, IReadOnlyList<BudgetRow> Models);
