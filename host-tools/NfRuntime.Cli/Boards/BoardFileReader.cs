using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Numerics;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Projects;
using NfRuntime.Model.Plan;

namespace NfRuntime.Cli.Boards;

/// <summary>Reads board.json strictly: an unknown or missing property, a wrong type or a value out of range names its line.</summary>
internal static class BoardFileReader
{
    public const string FileName = "board.json";
    private const long MaxBytes = 1L << 32;
    private const long MaxUs = 60_000_000;
    private const int MinBlockLog2 = 10;
    private const int MaxBlockLog2 = 18;
    private const int MaxUnitLog2 = 5;
    private const int MaxJournalBlocks = 32;
    private const int MaxBlobBlocks = 65_535;

    private static readonly Dictionary<string, BoardStatus> StatusWords = new()
    {
        ["process"] = BoardStatus.Process,
        ["emulated"] = BoardStatus.Emulated,
        ["not run on hardware"] = BoardStatus.NotRun,
    };

    private static readonly string[] Kernels = ["portable", "armv7em"];
    private static readonly string[] Fences = ["none", "process"];

    /// <summary>The word for a status, as board.json has it.</summary>
    public static string Word(BoardStatus status) => StatusWords.Single(pair => pair.Value == status).Key;

    /// <exception cref="ToolException">Something about the file is wrong.</exception>
    public static BoardFile Read(string file)
    {
        ObjectReader root = DocumentKind.Board.Open(file);
        string folder = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(file))!);
        string cpu = root.String("cpu", name => TargetDescription.All.Any(target => target.Name == name), $"one of {string.Join(", ", TargetDescription.All.Select(target => target.Name))}");
        ObjectReader store = root.Object("store") ?? throw root.Wrong("store", "is missing: journal and blobs need a place");
        var board = new BoardFile(
            root.String("name", name => name == folder, $"\"{folder}\", as the folder is called"),
            root.String("title"),
            root.Word("status", StatusWords) ?? throw root.Wrong("status", $"is missing; it is one of {string.Join(", ", StatusWords.Keys)}"),
            TargetDescription.ByName(cpu),
            Memories(root, "flash"),
            Memories(root, "ram"),
            Region(store, "journal", MaxJournalBlocks),
            Region(store, "blobs", MaxBlobBlocks),
            Room(root.Object("capsules") ?? throw root.Wrong("capsules", "is missing: what the board leaves to capsules")),
            [.. root.Items("kernels").Select(item => root.Text(item, Kernels.Contains, $"one of {string.Join(", ", Kernels)}"))],
            root.String("fence", Fences.Contains, $"one of {string.Join(", ", Fences)}"));
        _ = root.OptionalString("fpu");
        _ = root.OptionalString("toolchain");
        store.Finish();
        root.Finish();
        CheckPlaces(root, board);
        return board;
    }

    private static List<BoardMemory> Memories(ObjectReader root, string name)
    {
        List<BoardMemory> memories = [];
        foreach (PositionedValue item in root.Items(name))
        {
            ObjectReader memory = root.Nested(item);
            memories.Add(new BoardMemory(memory.String("name"), Origin(memory), memory.Integer("bytes", 1, MaxBytes)));
            _ = memory.OptionalString("use");
            _ = memory.Boolean("executeInPlace", false);
            memory.Finish();
        }

        return memories;
    }

    private static StoreRegion Region(ObjectReader store, string name, int maxBlocks)
    {
        ObjectReader region = store.Object(name) ?? throw store.Wrong(name, "is missing");
        var read = new StoreRegion(
            Origin(region),
            PowerOfTwo(region, "blockBytes", MinBlockLog2, MaxBlockLog2),
            region.Integer("blocks", 2, maxBlocks),
            PowerOfTwo(region, "unitBytes", 0, MaxUnitLog2),
            region.Boolean("rewrites"),
            region.Boolean("mapped"),
            region.Integer("program256Us", 0, MaxUs),
            region.Integer("eraseBlockUs", 0, MaxUs),
            region.Integer("programStallUs", 0, MaxUs),
            region.Integer("eraseStallUs", 0, MaxUs));
        region.Finish();
        return read;
    }

    private static CapsuleRoom Room(ObjectReader capsules)
    {
        var room = new CapsuleRoom(
            capsules.Integer("arenaBytes", 1, MaxBytes), capsules.Integer("stateBytes", 0, MaxBytes), capsules.Integer("sliceInstructions", 1, uint.MaxValue));
        capsules.Finish();
        return room;
    }

    private static long PowerOfTwo(ObjectReader reader, string name, int minLog2, int maxLog2)
    {
        long value = reader.Integer(name, 1L << minLog2, 1L << maxLog2);
        return BitOperations.IsPow2(value) ? value : throw reader.Wrong(name, $"is {value}; expected a power of two from {1L << minLog2} to {1L << maxLog2}");
    }

    private static long? Origin(ObjectReader reader) => reader.Has("origin")
        ? Address(reader.String("origin", text => Address(text) is not null, "an address such as \"0x08040000\""))
        : null;

    private static long? Address(string text) =>
        text.StartsWith("0x", StringComparison.Ordinal) && uint.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint address) ? address : null;

    // Nothing that has an address may lie over something else, and a region begins at a multiple of its blocks.
    private static void CheckPlaces(ObjectReader root, BoardFile board)
    {
        (string Name, StoreRegion Region)[] regions = [("journal", board.Journal), ("blobs", board.Blobs)];
        foreach ((string name, StoreRegion region) in regions.Where(region => region.Region.Origin % region.Region.BlockBytes is > 0))
        {
            throw root.Wrong("store", $"has {name} at 0x{region.Origin:X}, no multiple of its blocks of {region.BlockBytes} bytes");
        }

        (string Name, long Start, long End)[] sorted =
        [
            .. board.Flash.Concat(regions.Select(region => new BoardMemory(region.Name, region.Region.Origin, region.Region.Bytes)))
                .Where(memory => memory.Origin is not null)
                .Select(memory => (memory.Name, memory.Origin!.Value, memory.Origin!.Value + memory.Bytes)).OrderBy(memory => memory.Item2),
        ];
        foreach (((string name, _, long end), (string next, long start, _)) in sorted.Zip(sorted.Skip(1)).Where(pair => pair.Second.Start < pair.First.End))
        {
            throw root.Wrong("store", $"and \"flash\" overlap: {next} begins at 0x{start:X}, {name} ends at 0x{end:X}");
        }
    }
}
