using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace NfRuntime.Bench;

/// <summary>The budget of one model on one core.</summary>
/// <param name="Model">File name without extension.</param>
/// <param name="Core">As given to --core.</param>
/// <param name="Figures">In the order of <see cref="BudgetFile.Names"/>.</param>
internal sealed record BudgetRow(string Model, string Core, IReadOnlyList<long> Figures);

/// <summary>tests/benchmarks/budgets.csv: what an inference may cost; a figure grows only by a change of this file.</summary>
internal static class BudgetFile
{
    /// <summary>Columns behind model and core; less is better in each.</summary>
    public static IReadOnlyList<string> Names { get; } = ["instructions", "arena", "state", "stack", "code", "flash_read", "accesses"];

    private static string Head => "model,core," + string.Join(',', Names);

    /// <summary>The figures of a measured row.</summary>
    public static BudgetRow Of(EngineRow row, string core) =>
        new(row.Model, core, [row.Instructions, row.ArenaBytes, row.StateBytes, row.Stack, row.EngineBytes, row.FlashRead, row.Accesses]);

    /// <summary>Reads a file.</summary>
    /// <exception cref="ToolException">It is missing or no such table.</exception>
    public static List<BudgetRow> Read(string file)
    {
        string[] lines = File.Exists(file) ? File.ReadAllLines(file) : throw new ToolException($"{file} is missing: tests/bench budgets --update writes it");
        if (lines.Length == 0 || lines[0] != Head)
        {
            throw new ToolException($"{file} does not begin with the line {Head}");
        }

        return [.. lines.Skip(1).Where(l => l.Length > 0).Select(l => Row(l, file))];
    }

    /// <summary>Writes rows, sorted by model and core.</summary>
    public static void Write(string file, IEnumerable<BudgetRow> rows) => File.WriteAllText(
        file,
        string.Concat(rows.OrderBy(r => r.Model, StringComparer.Ordinal).ThenBy(r => r.Core, StringComparer.Ordinal)
            .Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Model},{r.Core},{string.Join(',', r.Figures)}\n")).Prepend(Head + "\n")));

    private static BudgetRow Row(string line, string file)
    {
        string[] cells = line.Split(',');
        List<long> figures = [];
        foreach (string cell in cells.Skip(2))
        {
            figures.Add(long.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out long figure) ? figure : -1);
        }

        return figures.Count == Names.Count && !figures.Contains(-1) ? new(cells[0], cells[1], figures) : throw new ToolException($"{file}: a row is not a model, a core and {Names.Count} numbers: {line}");
    }
}
