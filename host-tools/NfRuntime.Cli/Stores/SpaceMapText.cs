using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using NfRuntime.Cli.Output;
using NfRuntime.Images.Store;

namespace NfRuntime.Cli.Stores;

/// <summary>The blob region as characters: a block each, a group of blocks, or parts of a block when there are few.</summary>
internal static class SpaceMapText
{
    private const int MostCells = 512;
    private const int FewCells = 64;
    private const int OffsetColumns = 12; // " 0x00000000 "
    private const int NarrowestRow = 16;
    private const int WidestRow = 128;

    private static readonly (SpaceKind Kind, char Sign, string Word)[] Signs =
    [
        (SpaceKind.Used, '#', "used"),
        (SpaceKind.Shared, 'S', "shared"),
        (SpaceKind.Garbage, 'g', "garbage"),
        (SpaceKind.Writing, 'w', "writing"),
        (SpaceKind.Copy, 'c', "copy"),
        (SpaceKind.Bad, 'X', "bad"),
        (SpaceKind.Free, '.', "free"),
        (SpaceKind.Tail, '~', "clean tail"),
        (SpaceKind.Stranded, ',', "stranded"),
    ];

    /// <summary>Bytes of a character: a power of two, so that the map takes few lines.</summary>
    public static uint CellBytes(FlashGeometry geometry)
    {
        uint cell = geometry.BlobBlockBytes;
        while (geometry.BlobBytes / cell > MostCells)
        {
            cell *= 2;
        }

        while (geometry.BlobBytes / cell < FewCells && cell > geometry.Grain)
        {
            cell /= 2;
        }

        return cell;
    }

    /// <summary>The lines, and below them what the signs mean.</summary>
    /// <param name="view">The store.</param>
    /// <param name="width">Columns of the terminal; null: 80.</param>
    public static IEnumerable<string> Lines(StoreView view, int? width)
    {
        FlashGeometry geometry = view.Image.Geometry;
        uint cell = CellBytes(geometry);
        char[] cells = Cells(view.Space, geometry.BlobBytes, cell);
        int perBlock = (int)Math.Max(1, geometry.BlobBlockBytes / cell);
        int perRow = PerRow((width ?? 80) - OffsetColumns, perBlock);
        for (int at = 0; at < cells.Length; at += perRow)
        {
            var row = new StringBuilder($" 0x{(long)at * cell:X8} ");
            for (int i = at; i < Math.Min(at + perRow, cells.Length); i++)
            {
                row.Append(i > at && perBlock > 1 && i % perBlock == 0 ? "|" : string.Empty).Append(cells[i]);
            }

            yield return row.ToString();
        }

        yield return $" {"a character",-12} {Scale(geometry, cell)}";
        IEnumerable<string> legend = Signs.Where(sign => Array.IndexOf(cells, sign.Sign) >= 0).Select(sign => $"{sign.Sign} {sign.Word}");
        yield return $" {string.Empty,-12} {string.Join("   ", legend)}";
    }

    private static string Scale(FlashGeometry geometry, uint cell) => cell == geometry.BlobBlockBytes ? $"is a block of {Figures.Bytes(cell)}"
        : cell > geometry.BlobBlockBytes ? $"is {cell / geometry.BlobBlockBytes} blocks of {Figures.Bytes(geometry.BlobBlockBytes)}: what most of them is, and any bad one"
        : $"is {Figures.Bytes(cell)}; | stands between blocks of {Figures.Bytes(geometry.BlobBlockBytes)}";

    // A power of two of cells, or as many whole blocks as fit with a bar between them.
    private static int PerRow(int columns, int perBlock)
    {
        if (perBlock > 1 && perBlock + 1 <= columns)
        {
            return perBlock * ((columns + 1) / (perBlock + 1));
        }

        int perRow = NarrowestRow;
        while (perRow * 2 <= columns && perRow < WidestRow)
        {
            perRow *= 2;
        }

        return perRow;
    }

    private static char[] Cells(SpaceMap space, long region, uint cell)
    {
        var cells = new char[(region + cell - 1) / cell];
        int first = 0;
        for (int i = 0; i < cells.Length; i++)
        {
            long start = (long)i * cell;
            while (space.Segments[first].Start + space.Segments[first].Bytes <= start)
            {
                first++;
            }

            cells[i] = Signs.Single(sign => sign.Kind == MostOf(space, first, start, Math.Min(start + cell, region))).Sign;
        }

        return cells;
    }

    private static SpaceKind MostOf(SpaceMap space, int first, long start, long end)
    {
        Dictionary<SpaceKind, long> bytes = [];
        for (int i = first; i < space.Segments.Count && space.Segments[i].Start < end; i++)
        {
            SpaceSegment segment = space.Segments[i];
            bytes[segment.Kind] = bytes.GetValueOrDefault(segment.Kind) + Math.Min(end, segment.Start + segment.Bytes) - Math.Max(start, segment.Start);
        }

        return bytes.ContainsKey(SpaceKind.Bad) ? SpaceKind.Bad : bytes.MaxBy(pair => pair.Value).Key;
    }
}
