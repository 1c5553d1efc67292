using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Cli.Output;

/// <summary>Aligned columns: numbers to the right, words to the left, two spaces between.</summary>
/// <param name="headings">One a column; a heading that starts with '&gt;' makes its column align to the right.</param>
internal sealed class TextTable(params string[] headings)
{
    private readonly List<string[]> _rows = [[.. headings.Select(heading => heading.TrimStart('>'))]];

    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>The headings, then the rows.</summary>
    public IEnumerable<string> Lines()
    {
        int[] widths = [.. headings.Select((_, column) => _rows.Max(row => row[column].Length))];
        return _rows.Select(row => (" " + string.Join("  ", row.Select((cell, column) =>
            headings[column].StartsWith('>') ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column])))).TrimEnd());
    }

    public void WriteTo(ToolConsole console)
    {
        foreach (string line in Lines())
        {
            console.Line(line);
        }
    }
}
