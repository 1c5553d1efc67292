using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Passes;

/// <summary>
/// Finds the topological order with the lowest peak of live activations, outputs that share bytes with dying inputs counted
/// once: shortest path over the sets of operators that can have run (Held and Karp's scheme; a set determines what is live).
/// Exact while there are at most 4,000 such sets, which holds for networks that are chains with short branches; where there
/// are more, a beam of the best sets of each size is kept, 200 for up to 44 operators and 4 for 316 and more. Beyond 512 operators, and when nothing is won, the source's
/// order stays.
/// </summary>
public sealed class OperatorOrdering : IGraphPass
{
    private const int MaxStates = 4_000;
    private const int MaxWidth = 200;
    private const int MinWidth = 4;
    private const int Effort = 400_000;
    private const int MaxOperators = 512;

    /// <inheritdoc/>
    public string Name => "operator ordering";

    /// <inheritdoc/>
    public Graph Run(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        if (graph.Nodes.Count > MaxOperators)
        {
            return graph;
        }

        var liveness = new OrderingModel(graph);
        List<int> order = Search(graph.Nodes.Count, liveness, int.MaxValue) ?? Search(graph.Nodes.Count, liveness, Math.Clamp(Effort / (graph.Nodes.Count * graph.Nodes.Count), MinWidth, MaxWidth))!;
        return liveness.PeakOf(order) < liveness.PeakOf([.. Enumerable.Range(0, graph.Nodes.Count)])
            ? graph with { Nodes = [.. order.Select(index => graph.Nodes[index])] }
            : graph;
    }

    // Layer n holds the sets of n operators, at most `width` of them; null when there are too many sets without that limit.
    private static List<int>? Search(int count, OrderingModel liveness, int width)
    {
        var layer = new Dictionary<BigInteger, State> { [BigInteger.Zero] = new State(0, 0, null, -1) };
        int states = 0;
        for (int n = 0; n < count; n++)
        {
            var next = new Dictionary<BigInteger, State>();
            foreach ((BigInteger done, State state) in layer)
            {
                Extend(done, state, count, liveness, next);
            }

            states += next.Count;
            if (states > MaxStates && width == int.MaxValue)
            {
                return null;
            }

            layer = next.Count <= width ? next : next.OrderBy(one => one.Value.Peak).ThenBy(one => one.Value.Bytes).ThenBy(one => one.Key).Take(width).ToDictionary();
        }

        var order = new List<int>(count);
        for (State? state = layer.Values.Single(); state?.Previous is not null; state = state.Previous)
        {
            order.Add(state.Node);
        }

        order.Reverse();
        return order;
    }

    private static void Extend(BigInteger done, State state, int count, OrderingModel liveness, Dictionary<BigInteger, State> next)
    {
        for (int node = 0; node < count; node++)
        {
            if (!liveness.IsReady(node, done))
            {
                continue;
            }

            long bytes = liveness.BytesDuring(node, done);
            long peak = Math.Max(state.Peak, bytes);
            BigInteger key = done | (BigInteger.One << node);
            if (!next.TryGetValue(key, out State? known) || peak < known.Peak)
            {
                next[key] = new State(peak, bytes, state, node);
            }
        }
    }

    private sealed record State(long Peak, long Bytes, State? Previous, int Node);
}
