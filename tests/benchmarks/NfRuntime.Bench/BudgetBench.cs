using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace NfRuntime.Bench;

/// <summary>Compares what models cost now with budgets.csv. More than 1 % above is a regression; below is good news, not a failure.</summary>
internal sealed class BudgetBench(TextWriter writer, string file, Core core)
{
    private const double Tolerance = 0.01;

    private readonly List<BudgetRow> _budgets = BudgetFile.Read(file);
    private int _passed;
    private int _failed;

    /// <summary>Compares one model; each figure is a test.</summary>
    public void Compare(EngineRow measured)
    {
        BudgetRow now = BudgetFile.Of(measured, core.Name);
        BudgetRow? budget = _budgets.Find(b => b.Model == now.Model && b.Core == now.Core);
        if (budget is null)
        {
            writer.WriteLine($"FAILED  {now.Model} on {now.Core} has no budget: tests/bench budgets --update");
            _failed++;
            return;
        }

        for (int i = 0; i < now.Figures.Count; i++)
        {
            Compare($"{now.Model,-24}{now.Core,-5}{BudgetFile.Names[i],-13}", budget.Figures[i], now.Figures[i]);
        }
    }

    /// <summary>Each bar of the project is a test too.</summary>
    public void Hold(EngineBar bar)
    {
        _ = bar.IsMissed ? _failed++ : _passed++;
        if (bar.IsMissed)
        {
            writer.WriteLine($"FAILED  above its bar: {bar}");
        }
    }

    /// <summary>Counts budgets that no model was measured for, prints the totals, and returns whether nothing failed.</summary>
    public bool Finish(IReadOnlyCollection<string> measured, bool all)
    {
        foreach (BudgetRow row in _budgets.Where(b => all && b.Core == core.Name && !measured.Contains(b.Model)))
        {
            writer.WriteLine($"FAILED  {row.Model} has a budget and no model of that name was measured");
            _failed++;
        }

        writer.WriteLine($"{_passed} passed, {_failed} failed");
        return _failed == 0 && _passed > 0;
    }

    private void Compare(string what, long budget, long now)
    {
        bool isRegression = now > budget * (1 + Tolerance);
        _ = isRegression ? _failed++ : _passed++;
        if (now != budget)
        {
            string change = budget == 0 ? "new" : ((double)(now - budget) / budget).ToString("+0.0 %;-0.0 %;0.0 %", CultureInfo.InvariantCulture);
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(isRegression ? "FAILED" : now < budget ? "better" : "ok"),-8}{what}{budget,14:N0} -> {now,14:N0}  {change}"));
        }
    }
}
