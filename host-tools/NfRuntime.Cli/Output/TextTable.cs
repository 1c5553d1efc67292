using System;
using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Cli.Output;

/// <summary>
/// Aligned columns: numbers to the right, words to the left, two spaces between. On a terminal that is too narrow words are
/// cut, those of the last columns first, and never numbers.
/// </summary>
/// <param name="headings">One a column; a heading that starts with '&gt;' makes its column align to the right.</param>
internal sealed class TextTable(params string[] headings)
{
    private const int LeastWidth = 8;
    private readonly List<string[]> _rows = [[.. headings.Select(heading => heading.TrimStart('>'))]];

    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>The headings, then the rows.</summary>
    /// <param name="width">Columns of the terminal; null: as many as it takes.</param>
    public IEnumerable<string> Lines(int? width = null)
    {
        int[] widths = [.. headings.Select((_, column) => _rows.Max(row => row[column].Length))];
        int over = width is { } columns ? 1 + widths.Sum() + (2 * (widths.Length - 1)) - columns : 0;
        for (int column = widths.Length - 1; column >= 0 && over > 0; column--)
        {
            int least = IsRight(column) ? widths[column] : Math.Min(widths[column], Math.Max(LeastWidth, _rows[0][column].Length));
            int cut = Math.Min(over, widths[column] - least);
            widths[column] -= cut;
            over -= cut;
        }

        return _rows.Select(row => (" " + string.Join("  ", row.Select((cell, column) =>
            IsRight(column) ? cell.PadLeft(widths[column]) : Cut(cell, widths[column]).PadRight(widths[column])))).TrimEnd());
    }

    public void WriteTo(ToolConsole console)
    {
        foreach (string line in Lines(console.Width))
        {
            console.Line(line);
        }
    }

    private static string Cut(string cell, int width) => cell.Length <= width ? cell : cell[..(width - 1)] + "…";

    private bool IsRight(int column) => headings[column].StartsWith('>');
}
