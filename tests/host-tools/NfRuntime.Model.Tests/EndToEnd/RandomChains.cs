using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Plan;
using NfRuntime.Model.Plan.Chains;
using NfRuntime.Model.Plan.Memory;

namespace NfRuntime.Model.Tests.EndToEnd;

/// <summary>Plans whose chains are drawn instead of searched: of any length and height, whether they save memory or not.</summary>
internal static class RandomChains
{
    public static CompileOptions Options => new() { Cut = Cut };

    // The same for the same graph, so that a failure can be repeated and shrunk.
    private static List<PlanStep> Cut(ChainSearch search)
    {
        ILookup<int, PlanStep> byFirst = search.Candidates.ToLookup(step => step.First);
        var random = new Random(search.Candidates.Count());
        var steps = new List<PlanStep>();
        for (int op = 0; byFirst[op].Any(); op = steps[^1].Last + 1)
        {
            PlanStep[] choices = [.. byFirst[op]];
            steps.Add(choices[random.Next(choices.Length)]);
        }

        return steps;
    }
}
