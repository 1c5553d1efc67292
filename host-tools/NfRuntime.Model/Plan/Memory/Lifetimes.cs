using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan.Lowering;

namespace NfRuntime.Model.Plan.Memory;

/// <summary>From which operator through which each tensor of the arena is needed; views count as the tensor whose bytes they are.</summary>
internal sealed class Lifetimes
{
    private readonly Graph _graph;
    private readonly int[] _viewOf;
    private readonly SortedDictionary<int, (int First, int Last)> _live = [];
    private readonly HashSet<int> _kept;

    /// <param name="graph">The graph.</param>
    /// <param name="operators">Its records in execution order.</param>
    /// <param name="viewOf">For each tensor the tensor whose bytes it is: itself, or the input of an eliminated RESHAPE.</param>
    public Lifetimes(Graph graph, IReadOnlyList<LoweredOperator> operators, int[] viewOf)
    {
        _graph = graph;
        _viewOf = viewOf;
        _kept = [.. graph.Outputs.Select(output => viewOf[output])];
        foreach (int input in graph.Inputs)
        {
            Extend(input, 0);
        }

        for (int op = 0; op < operators.Count; op++)
        {
            foreach (int tensor in operators[op].Inputs.Append(operators[op].Output).Where(InArena))
            {
                Extend(tensor, op);
            }
        }

        foreach (int output in graph.Outputs)
        {
            Extend(output, operators.Count - 1);
        }
    }

    /// <summary>The tensors that have bytes of their own, ascending.</summary>
    public IEnumerable<int> Roots => _live.Keys;

    /// <summary>Whether a root is an output of the model.</summary>
    public bool IsKept(int root) => _kept.Contains(root);

    /// <summary>Whether a tensor is there and in the arena: no constant and no state.</summary>
    public bool InArena(int tensor) => tensor >= 0 && !_graph.Tensors[tensor].IsConstant && !_graph.Tensors[tensor].IsVariable;

    /// <summary>The tensor whose bytes <paramref name="tensor"/> is.</summary>
    public int RootOf(int tensor) => _viewOf[tensor];

    /// <summary>First and last operator during which a root is needed.</summary>
    public (int First, int Last) Of(int root) => _live[root];

    /// <summary>Whether the bytes of a root are needed in a step for the last time.</summary>
    public bool DiesIn(int root, PlanStep step) => _live[root].Last >= step.First && _live[root].Last <= step.Last && !_kept.Contains(root);

    private void Extend(int tensor, int op)
    {
        int root = _viewOf[tensor];
        _live[root] = _live.TryGetValue(root, out (int First, int Last) live)
            ? (System.Math.Min(live.First, op), System.Math.Max(live.Last, op))
            : (op, op);
    }
}
