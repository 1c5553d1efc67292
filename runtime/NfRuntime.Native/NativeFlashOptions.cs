#if !NANOFRAMEWORK_1_0
using System.Linq;

namespace NfRuntime.Native;

/// <summary>One region of a chip; by default SPI NOR with times of a data sheet.</summary>
public sealed class NativeFlashRegion
{
    public int Blocks { get; init; } = 8;

    /// <summary>Power of two, 1 KiB … 256 KiB.</summary>
    public int BlockBytes { get; init; } = 4096;

    /// <summary>Programmed as one: 1, 2, 4, 8, 16 or 32.</summary>
    public int UnitBytes { get; init; } = 1;

    /// <summary>Most that one operation programs; a power of two up to 1,024.</summary>
    public int PageBytes { get; init; } = 256;

    /// <summary>Whether a unit may be programmed again with the same bytes; not so with ECC or encryption.</summary>
    public bool Rewrites { get; init; } = true;

    public int ProgramPageMicroseconds { get; init; } = 700;

    public int EraseBlockMicroseconds { get; init; } = 45_000;
}

/// <summary>A chip to be made.</summary>
public sealed class NativeFlashOptions
{
    public NativeFlashRegion Journal { get; init; } = new();

    /// <summary>By default 1 MiB.</summary>
    public NativeFlashRegion Blobs { get; init; } = new() { Blocks = 256 };

    /// <summary>Of all that is random in the model.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Erased flash reads as noise, as encrypted flash does. Not with a file.</summary>
    public bool Noise { get; init; }

    /// <summary>The CPU can read it in place: capsules open from it.</summary>
    public bool Mapped { get; init; } = true;

    /// <summary>Reading in place while it is programmed or erased kills the process.</summary>
    public bool Fenced { get; init; }

    /// <summary>The regions are on chips of their own.</summary>
    public bool TwoChips { get; init; }

    /// <summary>Path of the file that holds journal, then blobs, and is made when missing; empty: in memory.</summary>
    public string File { get; init; } = string.Empty;

    // struct nfr_host_flash of firmware/interop/host/nfr_host.h.
    internal int[] Words() => new[] { Words(Journal), Words(Blobs), OwnWords() }.SelectMany(words => words).ToArray();

    private static int[] Words(NativeFlashRegion region) => new[]
    {
        region.Blocks, region.BlockBytes, region.UnitBytes, region.PageBytes, Word(region.Rewrites),
        region.ProgramPageMicroseconds, region.EraseBlockMicroseconds,
    };

    private int[] OwnWords() => new[] { (int)Seed, (int)(Seed >> 32), Word(Noise), Word(Mapped), Word(Fenced), Word(TwoChips) };

    private static int Word(bool value) => value ? 1 : 0;
}
#endif
