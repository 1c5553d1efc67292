using System.Numerics;

namespace NfRuntime.Images.Store;

/// <summary>Sizes of the two regions, as every header of a journal's block has them (firmware/store/SPEC.md section 1).</summary>
/// <param name="JournalBlockBytes">Erased as one: a power of two, 1 KiB … 256 KiB.</param>
/// <param name="JournalBlocks">2 … 32.</param>
/// <param name="AlignLog2">log2 of A: everything in the journal starts at a multiple of A in its block.</param>
/// <param name="GrainLog2">log2 of G: every extent starts at a multiple of G.</param>
/// <param name="BlobBytes">Bytes of the blob region, a multiple of its block.</param>
/// <param name="BlobBlockBytes">Erased as one: a power of two, 1 KiB … 256 KiB.</param>
public sealed record FlashGeometry(uint JournalBlockBytes, int JournalBlocks, byte AlignLog2, byte GrainLog2, uint BlobBytes, uint BlobBlockBytes)
{
    public const int MinBlockBytes = 1 << 10;
    public const int MaxBlockBytes = 256 << 10;
    public const int MinJournalBlocks = 2;
    public const int MaxJournalBlocks = 32;
    private const uint MaxBlobBytes = 1u << 31;
    private const uint MinBlobBlocks = 2;
    private const uint MaxBlobBlocks = 65_535;
    private const byte MinAlignLog2 = 3;
    private const byte MinGrainLog2 = 5;
    private const byte MaxUnitLog2 = 8; // larger than any program unit that the firmware takes

    /// <summary>A: bytes.</summary>
    public int Align => 1 << AlignLog2;

    /// <summary>G: bytes.</summary>
    public int Grain => 1 << GrainLog2;

    /// <summary>Bytes of the journal region.</summary>
    public long JournalBytes => (long)JournalBlockBytes * JournalBlocks;

    /// <summary>Blocks of the blob region.</summary>
    public int BlobBlocks => (int)(BlobBytes / BlobBlockBytes);

    /// <summary>Most bytes that live records may take (SPEC section 3, Room).</summary>
    public long JournalRoom => JournalBlocks / 2 * (JournalBlockBytes - JournalFormat.HeaderBytes - 256L) * 3 / 4;

    /// <summary>Whether a device can have these sizes.</summary>
    public bool IsPossible =>
        IsBlock(JournalBlockBytes) && IsBlock(BlobBlockBytes)
        && JournalBlocks is >= MinJournalBlocks and <= MaxJournalBlocks
        && AlignLog2 is >= MinAlignLog2 and <= MaxUnitLog2 && GrainLog2 is >= MinGrainLog2 and <= MaxUnitLog2
        && BlobBytes <= MaxBlobBytes && BlobBytes % BlobBlockBytes == 0 && BlobBytes / BlobBlockBytes is >= MinBlobBlocks and <= MaxBlobBlocks;

    /// <summary>Bytes that an extent of <paramref name="bytes"/> takes.</summary>
    public uint Extent(uint bytes) => (bytes + (uint)Grain - 1) & ~((uint)Grain - 1);

    private static bool IsBlock(uint bytes) => bytes is >= MinBlockBytes and <= MaxBlockBytes && BitOperations.IsPow2(bytes);
}
