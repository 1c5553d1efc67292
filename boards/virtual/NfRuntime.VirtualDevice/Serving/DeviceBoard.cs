using System;
using System.IO;
using System.Text.Json;
using NfRuntime.Native;

namespace NfRuntime.VirtualDevice.Serving;

/// <summary>What a board.json says that a process can keep to: the flash, and what the board leaves to capsules. The tool checks such files strictly.</summary>
/// <param name="Name">The board.</param>
/// <param name="Journal">Region of the journal.</param>
/// <param name="Blobs">Region of the blobs.</param>
/// <param name="ArenaBytes">Of the arena that capsules share.</param>
/// <param name="StateBytes">Of all capsules' state.</param>
/// <param name="SliceBudget">Longest slice, in the engine's estimate of instructions.</param>
/// <param name="Fence">As the board reports it.</param>
internal sealed record DeviceBoard(string Name, NativeFlashRegion Journal, NativeFlashRegion Blobs, int ArenaBytes, int StateBytes, int SliceBudget, string Fence)
{
    private const int MaxFileBytes = 1 << 20;

    /// <exception cref="RefusedException">It is no board file.</exception>
    public static DeviceBoard Read(string path)
    {
        try
        {
            if (new FileInfo(path) is not { Exists: true, Length: > 0 and <= MaxFileBytes })
            {
                throw new RefusedException("board", $"there is no board file {path}");
            }

            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement root = document.RootElement, store = root.GetProperty("store"), room = root.GetProperty("capsules");
            return new DeviceBoard(
                root.GetProperty("name").GetString()!,
                Region(store.GetProperty("journal")),
                Region(store.GetProperty("blobs")),
                Positive(room, "arenaBytes"),
                Positive(room, "stateBytes"),
                Positive(room, "sliceInstructions"),
                root.GetProperty("fence").GetString()!);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or System.Collections.Generic.KeyNotFoundException)
        {
            throw new RefusedException("board", $"{path} is no board file: {e.Message}");
        }
    }

    private static int Positive(JsonElement parent, string name) => parent.GetProperty(name).GetInt32() is >= 0 and var number
        ? number
        : throw new FormatException($"{name} is negative");

    private static NativeFlashRegion Region(JsonElement region) => new()
    {
        Blocks = region.GetProperty("blocks").GetInt32(),
        BlockBytes = region.GetProperty("blockBytes").GetInt32(),
        UnitBytes = region.GetProperty("unitBytes").GetInt32(),
        Rewrites = region.GetProperty("rewrites").GetBoolean(),
        ProgramPageMicroseconds = region.GetProperty("program256Us").GetInt32(),
        EraseBlockMicroseconds = region.GetProperty("eraseBlockUs").GetInt32(),
    };
}
