using System.Collections.Generic;
using NfRuntime.Model.Plan;

namespace NfRuntime.Cli.Boards;

/// <summary>What a board.json says; boards/README.md describes every property.</summary>
/// <param name="Name">The folder's name.</param>
/// <param name="Title">For people.</param>
/// <param name="Status">What of it has run.</param>
/// <param name="Cpu">What plans are compiled for.</param>
/// <param name="Flash">Parts of flash that belong to others than the store.</param>
/// <param name="Ram">Memories.</param>
/// <param name="Journal">Region of the store's journal.</param>
/// <param name="Blobs">Region of the store's blobs.</param>
/// <param name="Capsules">What the board leaves to capsules.</param>
/// <param name="Kernels">Kernel backends, best first.</param>
/// <param name="Fence">What isolates a capsule.</param>
internal sealed record BoardFile(
    string Name,
    string Title,
    BoardStatus Status,
    TargetDescription Cpu,
    IReadOnlyList<BoardMemory> Flash,
    IReadOnlyList<BoardMemory> Ram,
    StoreRegion Journal,
    StoreRegion Blobs,
    CapsuleRoom Capsules,
    IReadOnlyList<string> Kernels,
    string Fence);

/// <summary>What of a board has run.</summary>
internal enum BoardStatus
{
    /// <summary>A process on the host.</summary>
    Process,

    /// <summary>Runs in an emulator.</summary>
    Emulated,

    /// <summary>Written down from data sheets and sources; nothing has run.</summary>
    NotRun,
}

/// <summary>A part of flash or RAM.</summary>
/// <param name="Name">Unique in its list.</param>
/// <param name="Origin">Address; null where there is none.</param>
/// <param name="Bytes">Size.</param>
internal sealed record BoardMemory(string Name, long? Origin, long Bytes);

/// <summary>A region of the store, as struct nfr_flash (firmware/port/port.h) has it.</summary>
/// <param name="Origin">Address, or offset in the file; null where there is none.</param>
/// <param name="BlockBytes">Erased as one.</param>
/// <param name="Blocks">Number of blocks.</param>
/// <param name="UnitBytes">Programmed as one.</param>
/// <param name="Rewrites">A unit may be programmed again with the same bytes.</param>
/// <param name="Mapped">The CPU can read it in place.</param>
/// <param name="Program256Us">Time to program 256 bytes, µs.</param>
/// <param name="EraseBlockUs">Time to erase a block, µs.</param>
/// <param name="ProgramStallUs">Longest time that programming 256 bytes stops execution, µs.</param>
/// <param name="EraseStallUs">The same for the erase of a block; 0: it stops nothing.</param>
internal sealed record StoreRegion(
    long? Origin, long BlockBytes, long Blocks, long UnitBytes, bool Rewrites, bool Mapped, long Program256Us, long EraseBlockUs, long ProgramStallUs, long EraseStallUs)
{
    public long Bytes => BlockBytes * Blocks;
}

/// <summary>What a board leaves to capsules.</summary>
/// <param name="ArenaBytes">The transient arena that all of them share.</param>
/// <param name="StateBytes">State of all of them.</param>
/// <param name="SliceInstructions">Longest slice, in the engine's estimate of instructions.</param>
internal sealed record CapsuleRoom(long ArenaBytes, long StateBytes, long SliceInstructions);
