using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan.Lowering;
using NfRuntime.Model.Plan.Memory;

namespace NfRuntime.Model.Plan.Chains;

/// <summary>
/// Cuts an order of operators into steps, each an operator or a chain, so that the largest need of a step is least: dynamic
/// programming over the places where a step may end, exact, since what a step needs depends on its first and last operator
/// alone. Among the cuts below a limit it takes the one whose chains cost the fewest instructions.
/// </summary>
internal sealed class ChainSearch
{
    private static readonly int[] Heights = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 96, 128];

    private readonly Graph _graph;
    private readonly Lifetimes _lifetimes;
    private readonly StepCosts _costs;
    private readonly ChainMember?[] _members;
    private readonly HashSet<int> _viewed;
    private readonly List<Candidate>[] _endingAt;
    private readonly int _maxMembers;

    /// <param name="graph">The graph.</param>
    /// <param name="operators">Its records in execution order.</param>
    /// <param name="lifetimes">When tensors are needed.</param>
    /// <param name="maxMembers">Longest chain that is looked at; at most what the plan format has.</param>
    public ChainSearch(Graph graph, IReadOnlyList<LoweredOperator> operators, Lifetimes lifetimes, int maxMembers = PlanFormat.MaxChainMembers)
    {
        _graph = graph;
        _maxMembers = maxMembers;
        _lifetimes = lifetimes;
        _costs = new StepCosts(graph, operators, lifetimes);
        _members = [.. operators.Select(op => ChainMember.Of(graph, op))];
        _viewed = [.. Enumerable.Range(0, graph.Tensors.Count).Where(tensor => lifetimes.RootOf(tensor) != tensor).Select(lifetimes.RootOf)];
        _endingAt = [.. Enumerable.Range(0, operators.Count).Select(op => new List<Candidate> { new(new PlanStep(op, op, null), _costs.Of(new PlanStep(op, op, null)), 0) })];
        for (int first = 0; first < operators.Count; first++)
        {
            CollectChains(first);
        }
    }

    /// <summary>The largest need of a step when each operator is by itself.</summary>
    public long WithoutChains => _endingAt.Max(list => list[0].Bytes);

    /// <summary>All steps that a cut may consist of.</summary>
    public IEnumerable<PlanStep> Candidates => _endingAt.SelectMany(list => list.Select(candidate => candidate.Step));

    /// <summary>The least that any cut needs.</summary>
    public long Least()
    {
        var best = new long[_endingAt.Length + 1];
        for (int op = 0; op < _endingAt.Length; op++)
        {
            best[op + 1] = _endingAt[op].Min(candidate => Math.Max(best[candidate.Step.First], candidate.Bytes));
        }

        return best[^1];
    }

    /// <summary>What steps may need, ascending from the least of any cut: the limits that are worth trying.</summary>
    public IEnumerable<long> Limits() => _endingAt.SelectMany(list => list.Select(candidate => candidate.Bytes)).Where(bytes => bytes >= Least()).Distinct().Order();

    /// <summary>The steps within a limit that cost the fewest instructions, and how many more than without chains.</summary>
    /// <param name="limit">At least <see cref="Least"/>.</param>
    public (IReadOnlyList<PlanStep> Steps, long Instructions) Cut(long limit)
    {
        var best = new (long Instructions, Candidate? Last)[_endingAt.Length + 1];
        for (int op = 0; op < _endingAt.Length; op++)
        {
            best[op + 1] = (long.MaxValue, null);
            foreach (Candidate candidate in _endingAt[op].Where(candidate => candidate.Bytes <= limit))
            {
                long before = best[candidate.Step.First].Instructions;
                if (before != long.MaxValue && before + candidate.Instructions < best[op + 1].Instructions)
                {
                    best[op + 1] = (before + candidate.Instructions, candidate);
                }
            }
        }

        var steps = new List<PlanStep>();
        for (int end = _endingAt.Length; end > 0; end = steps[^1].First)
        {
            steps.Add(best[end].Last!.Step);
        }

        steps.Reverse();
        return (steps, best[^1].Instructions);
    }

    private void CollectChains(int first)
    {
        var members = new List<ChainMember>();
        for (int last = first; last < _members.Length && members.Count < _maxMembers && _members[last] is { } member; last++)
        {
            members.Add(member);
            if (members.Count > 1 && ChainShape.Create(_graph, [.. members], tensor => OnlyReadBetween(tensor, first, last)) is { } shape)
            {
                foreach (int height in Heights.Where(height => height < member.Rows))
                {
                    var step = new PlanStep(first, last, new Chain(shape, height));
                    _endingAt[last].Add(new Candidate(step, _costs.Of(step), ChainCosts.Of(step.Chain!)));
                }
            }
        }
    }

    private bool OnlyReadBetween(int tensor, int first, int last) =>
        _lifetimes.RootOf(tensor) == tensor && !_viewed.Contains(tensor) && !_lifetimes.IsKept(tensor)
        && _lifetimes.Of(tensor).First >= first && _lifetimes.Of(tensor).Last <= last;

    private sealed record Candidate(PlanStep Step, long Bytes, long Instructions);
}
