using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Cli.Output;
using NfRuntime.Images.Store;

namespace NfRuntime.Cli.Stores;

/// <summary>A store as lines.</summary>
internal static class StoreText
{
    private const int MostProblems = 20;

    public static void Write(ToolConsole console, StoreView view)
    {
        if (console.IsJson)
        {
            return;
        }

        WriteHead(console, view);
        console.Line();
        foreach (string line in SpaceMapText.Lines(view, console.Width))
        {
            console.Line(line);
        }

        console.Line();
        WriteSpace(console, view);
        console.Line();
        WriteJournal(console, view.Journal);
        WriteNames(console, view);
        WriteBlobs(console, view);
        WriteProblems(console, view);
    }

    private static void WriteHead(ToolConsole console, StoreView view)
    {
        FlashGeometry geometry = view.Image.Geometry;
        console.Step("store", $"version {view.Journal.Version}   device {StoreShapes.Device(view.Image.Device)}");
        if (view.Settings is { } settings)
        {
            console.Step("firmware", $"{settings.Firmware[..12]}   epoch {settings.Epoch}"
                + (settings.KnownTime == 0 ? string.Empty : $"   time at least {Time(settings.KnownTime)}")
                + (settings.IsRestartPlanned ? "   restart planned" : string.Empty));
            console.Step("fleet", $"generation {settings.Generation}   key list {(settings.KeyList is { } slot ? $"version {settings.KeyListVersion} in slot {slot}" : "none")}");
        }

        console.Step("journal", $"{geometry.JournalBlocks} × {Figures.Bytes(geometry.JournalBlockBytes)} at 0x{view.Image.JournalOffset:X}   live records {Figures.Bytes(view.LiveBytes)} of {Figures.Bytes(geometry.JournalRoom)}");
        console.Step("blobs", $"{geometry.BlobBlocks} × {Figures.Bytes(geometry.BlobBlockBytes)} at 0x{view.Image.BlobOffset:X}   extents at multiples of {geometry.Grain} B");
    }

    private static string Time(ulong seconds) =>
        seconds <= 253402300799 ? DateTimeOffset.FromUnixTimeSeconds((long)seconds).ToString("yyyy-MM-dd HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture) : $"{seconds} s";

    private static void WriteSpace(ToolConsole console, StoreView view)
    {
        SpaceMap space = view.Space;
        (string What, long Bytes)[] taken =
        [
            ("used", space[SpaceKind.Used] + space[SpaceKind.Shared]), ("garbage", space[SpaceKind.Garbage]), ("writing", space[SpaceKind.Writing]),
            ("copies", space[SpaceKind.Copy]), ("bad", space[SpaceKind.Bad]), ("stranded", space[SpaceKind.Stranded]),
        ];
        string[] parts = [.. taken.Where(part => part.Bytes > 0).Select(part => $"{part.What} {Figures.Size(part.Bytes)}")];
        foreach (string[] line in parts.Chunk(3))
        {
            console.Step(line[0] == parts[0] ? "taken" : string.Empty, string.Join("   ", line));
        }

        console.Step("free", $"{Figures.Size(space.FreeBytes)}: {Figures.Plural(space.FreeBlocks, "block")}"
            + (space[SpaceKind.Tail] == 0 ? string.Empty : $" and a clean tail of {Figures.Size(space[SpaceKind.Tail])}"));
        console.Step("largest", $"{Figures.Size(space.Largest)} can be written in one piece   fragmentation {space.Fragmentation * 100:0} %");
    }

    private static void WriteJournal(ToolConsole console, Journal journal)
    {
        var table = new TextTable(">BLOCK", "STATE", ">SEQUENCE", ">RECORDS", ">BYTES", "DEVICE");
        foreach (JournalBlock[] run in Runs(journal.Blocks))
        {
            JournalBlock block = run[0];
            string state = StoreShapes.Word(block.State) + (block.Header is { IsStart: true } ? " START" : string.Empty);
            table.Add(
                run.Length == 1 ? $"{block.Index}" : $"{block.Index}-{run[^1].Index}",
                state,
                block.Header is { } header ? $"{header.Sequence}" : string.Empty,
                block.Header is null ? string.Empty : Figures.Count(block.Records),
                block.Header is null ? string.Empty : Figures.Count(block.UsedBytes),
                block is { State: JournalBlockState.Foreign, Header: { } stranger } ? StoreShapes.Device(stranger.Device) : string.Empty);
        }

        table.WriteTo(console);
    }

    // Blocks without a header that follow each other and are alike make one line.
    private static IEnumerable<JournalBlock[]> Runs(IReadOnlyList<JournalBlock> blocks)
    {
        for (int first = 0; first < blocks.Count;)
        {
            int end = first + 1;
            while (end < blocks.Count && blocks[first].Header is null && blocks[end].Header is null && blocks[end].State == blocks[first].State)
            {
                end++;
            }

            yield return [.. blocks.Skip(first).Take(end - first)];
            first = end;
        }
    }

    private static void WriteNames(ToolConsole console, StoreView view)
    {
        if (view.Names.Count == 0)
        {
            return;
        }

        console.Line();
        var table = new TextTable(">SLOT", "NAME", "PLACE", "STATE", ">COUNTER", ">FLOOR", ">STRIKES", "BLOBS IN SLOTS");
        foreach (StoredName stored in view.Names)
        {
            bool isFirst = true;
            foreach ((VersionPlace place, VersionRecord version) in stored.Name.Versions.OrderBy(pair => pair.Key))
            {
                table.Add(
                    isFirst ? $"{stored.Slot}" : string.Empty, isFirst ? stored.Name.Name : string.Empty, StoreShapes.Word(place), State(version),
                    $"{version.Counter}", isFirst ? $"{stored.Name.Floor}" : string.Empty, $"{version.Strikes}",
                    string.Join(' ', version.Slots.OfType<ushort>()));
                isFirst = false;
            }

            if (stored.Name.Rejected is { } rejected)
            {
                table.Add(
                    isFirst ? $"{stored.Slot}" : string.Empty, isFirst ? stored.Name.Name : string.Empty, "rejected",
                    $"{StoreWords.Of(rejected.Reason)}{(rejected.Detail == 0 ? string.Empty : $" {rejected.Detail}")}",
                    string.Empty, isFirst ? $"{stored.Name.Floor}" : string.Empty, string.Empty,
                    $"{rejected.Manifest.Short}" + (stored.Name.Failures > 1 ? $", {stored.Name.Failures} in a row" : string.Empty));
            }
            else if (isFirst)
            {
                table.Add($"{stored.Slot}", stored.Name.Name, "none", string.Empty, string.Empty, $"{stored.Name.Floor}", string.Empty, string.Empty);
            }
        }

        table.WriteTo(console);
    }

    private static string State(VersionRecord version) =>
        StoreWords.Of(version.State) + (version.Reason == VersionReason.None ? string.Empty : $" ({StoreWords.Of(version.Reason)})");

    private static void WriteBlobs(ToolConsole console, StoreView view)
    {
        if (view.Blobs.Count == 0)
        {
            return;
        }

        console.Line();
        var table = new TextTable(">SLOT", "DIGEST", ">BYTES", ">OFFSET", "STATE", "REFERRED TO BY");
        foreach (StoredBlob stored in view.Blobs)
        {
            BlobRecord blob = stored.Blob;
            table.Add(
                $"{stored.Slot}", blob.State == BlobState.Bad ? string.Empty : blob.Digest.Short, Figures.Count(blob.Bytes), $"0x{blob.Offset:X}", State(stored),
                stored.References.Count > 0 ? string.Join(", ", stored.References) : stored.Kind == SpaceKind.Garbage ? "nobody" : string.Empty);
        }

        table.WriteTo(console);
    }

    private static string State(StoredBlob stored) => StoreShapes.Word(stored.Blob.State)
        + (stored.Blob.State == BlobState.Writing ? $" {stored.Blob.ChunksWritten}/{stored.Blob.Chunks}" : string.Empty)
        + (stored.Blob.Copy is { } copy ? $", copy 0x{copy:X}" : string.Empty)
        + (stored.IsIntact switch { true => ", intact", false => ", ALTERED", null => string.Empty });

    private static void WriteProblems(ToolConsole console, StoreView view)
    {
        console.Line();
        if (view.Problems.Count == 0)
        {
            console.Step("problems", console.Good("none"));
            return;
        }

        foreach (string problem in view.Problems.Take(MostProblems))
        {
            console.Labelled("problem", char.ToUpperInvariant(problem[0]) + problem[1..] + ".");
        }

        if (view.Problems.Count > MostProblems)
        {
            console.Labelled("problem", $"… and {Figures.Count(view.Problems.Count - MostProblems)} more; --json has all of them.");
        }
    }
}
