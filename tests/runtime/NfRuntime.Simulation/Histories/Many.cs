using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Simulation.Capsules;
using NfRuntime.Simulation.World;

namespace NfRuntime.Simulation.Histories;

/// <summary>Histories, one seed after the other, on some threads.</summary>
internal static class Many
{
    private const int Told = 20;

    public static int Run(Shop shop, int first, int count, int threads, Sabotage sabotage = Sabotage.None, bool isReal = false)
    {
        Stopwatch watch = Stopwatch.StartNew();
        SortedDictionary<string, int> outcomes = new(StringComparer.Ordinal);
        SortedDictionary<int, string> failed = [];
        long events = 0, resets = 0;
        object gate = new();
        Parallel.For(first, first + count, new ParallelOptions { MaxDegreeOfParallelism = threads }, seed =>
        {
            (IReadOnlyList<string> problems, History history) = Live(shop, seed, sabotage, isReal);
            lock (gate)
            {
                events += history.Events;
                resets += history.Resets;
                foreach (string outcome in history.Outcomes)
                {
                    outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
                }

                if (problems.Count != 0)
                {
                    failed[seed] = problems[0];
                }
            }
        });

        Console.WriteLine($"{count} histories, seeds {first} … {first + count - 1}: {events} events, {resets} resets and power cuts, {watch.Elapsed.TotalSeconds:F0} s, {count / watch.Elapsed.TotalSeconds:F1} histories/s");
        foreach ((string outcome, int times) in outcomes.OrderByDescending(o => o.Value))
        {
            Console.WriteLine($"{times,8}  {outcome}");
        }

        foreach ((int seed, string problem) in failed.Take(Told))
        {
            Console.WriteLine($"FAILED --seed {seed}: {problem}");
        }

        Console.WriteLine($"{count - failed.Count} passed, {failed.Count} failed");
        return failed.Count == 0 ? 0 : 1;
    }

    private static (IReadOnlyList<string> Problems, History History) Live(Shop shop, int seed, Sabotage sabotage, bool isReal)
    {
        using History history = new(shop, seed, null, sabotage, isReal);
        try
        {
            return (history.Run(), history);
        }
        catch (Exception e) // a seed that throws is a failed seed, and the others go on
        {
            return ([e.GetType().Name + ": " + e.Message + " " + e.StackTrace?.Split('\n').FirstOrDefault()], history);
        }
    }
}
