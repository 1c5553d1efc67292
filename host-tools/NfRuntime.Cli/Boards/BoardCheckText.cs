using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Cli.Output;

namespace NfRuntime.Cli.Boards;

/// <summary>What fits a board, as lines and as JSON.</summary>
internal static class BoardCheckText
{
    private const string Journal = "journal";

    public static CheckedBoardShape ToShape(BoardFile board, IReadOnlyList<BoardFit> fits) => new(
        board.Name, BoardFileReader.Word(board.Status), board.Cpu.Name,
        [.. fits.Select(fit => new CheckedCapsuleShape(fit.Capsule.Name, fit.Fits, fit.Demands, fit.Fits ? null : Sentence(board, fit)))]);

    /// <summary>The board, its room, and a line a capsule. The journal has no column: it differs little, and is named where it is too small.</summary>
    public static void Write(ToolConsole console, BoardFile board, IReadOnlyList<BoardFit> fits)
    {
        console.Line($" {board.Name}   {board.Title}   [{BoardFileReader.Word(board.Status)}]");
        var table = new TextTable("FITS", "CAPSULE", ">FLASH", ">ARENA", ">STATE", ">SLICE");
        if (fits.Count > 0)
        {
            Demand journal = fits.Select(fit => fit.Demands.Single(demand => demand.What == Journal)).MaxBy(demand => demand.Needed)!;
            console.Line($" journal: live records take {Figures.Bytes(journal.Needed)} of {Figures.Bytes(journal.There)}");
            table.Add([string.Empty, "(room)", .. Cells(fits[0], demand => demand.There)]);
        }

        foreach (BoardFit fit in fits)
        {
            string[] missing = [.. fit.Demands.Where(demand => demand.Missing > 0).Select(demand => demand.What)];
            table.Add([missing.Length == 0 ? "yes" : "no: " + string.Join(", ", missing), fit.Capsule.Name, .. Cells(fit, demand => demand.Needed)]);
        }

        table.WriteTo(console);
    }

    /// <summary>"esp32 is too small for vww: it needs 1,232,896 B of flash, 249,856 B more than the 983,040 B there are."</summary>
    public static string Sentence(BoardFile board, BoardFit fit) => $"{board.Name} is too small for {fit.Capsule.Name}: it needs "
        + string.Join(", and ", fit.Demands.Where(demand => demand.Missing > 0).Select(Sentence)) + ".";

    private static string Sentence(Demand demand) => demand.What == "slice"
        ? $"slices of some {Figures.Count(demand.Needed)} instructions, {Figures.Count(demand.Missing)} more than the board's {Figures.Count(demand.There)}"
        : $"{Figures.Bytes(demand.Needed)} of {demand.What}, {Figures.Bytes(demand.Missing)} more than the {Figures.Bytes(demand.There)} there are";

    private static string[] Cells(BoardFit fit, Func<Demand, long> value) =>
        [.. ((string[])["flash", "arena", "state", "slice"]).Select(what => fit.Demands.FirstOrDefault(demand => demand.What == what) switch
        {
            null => "?",
            { What: "slice", Needed: 0 } demand when value(demand) == 0 => "ok",
            var demand => Figures.Count(value(demand)),
        })];
}
