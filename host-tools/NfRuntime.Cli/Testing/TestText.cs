using System.Collections.Generic;
using System.Linq;
using NfRuntime.Cli.Output;

namespace NfRuntime.Cli.Testing;

/// <summary>Test outcomes for people and for programs.</summary>
internal static class TestText
{
    private const int ShownFailures = 10;

    public static void Write(ToolConsole console, IReadOnlyList<TestOutcome> outcomes, bool verbose)
    {
        foreach (TestOutcome outcome in outcomes.Where(outcome => outcome.Failed > 0))
        {
            int shown = verbose ? outcome.Failed : ShownFailures;
            foreach (string failure in outcome.Failures.Take(shown))
            {
                console.Line($" {console.Bad("failed")}    {outcome.Name}: {failure}");
            }

            if (outcome.Failed > shown)
            {
                console.Line($" {console.Bad("failed")}    {outcome.Name}: {outcome.Failed - shown} more (--verbose)");
            }
        }

        WriteLeftOut(console, outcomes, verbose);
        int passed = outcomes.Sum(outcome => outcome.Passed);
        int failed = outcomes.Sum(outcome => outcome.Failed);
        console.Line($"{passed} passed, {failed} failed");
    }

    public static TestShape ToShape(string board, string target, IReadOnlyList<TestOutcome> outcomes) => new(
        board,
        target,
        outcomes.Sum(outcome => outcome.Passed),
        outcomes.Sum(outcome => outcome.Failed),
        outcomes.Count(outcome => outcome.LeftOut is not null),
        [.. outcomes.Select(outcome => new ModelTestShape(outcome.Name, outcome.Passed, outcome.Failed, outcome.LeftOut, outcome.Failures))]);

    private static void WriteLeftOut(ToolConsole console, IReadOnlyList<TestOutcome> outcomes, bool verbose)
    {
        TestOutcome[] leftOut = [.. outcomes.Where(outcome => outcome.LeftOut is not null)];
        if (verbose)
        {
            foreach (TestOutcome outcome in leftOut)
            {
                console.Line($" left out  {outcome.Name}: {outcome.LeftOut}");
            }

            return;
        }

        foreach (IGrouping<string, TestOutcome> group in leftOut.GroupBy(outcome => outcome.LeftOut!))
        {
            string more = group.Count() == 1 ? string.Empty : $" and {group.Count() - 1} more";
            console.Line($" left out  {group.First().Name}{more}: {group.Key}");
        }
    }
}
