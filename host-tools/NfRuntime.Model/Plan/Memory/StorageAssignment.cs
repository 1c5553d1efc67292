using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan.Lowering;

namespace NfRuntime.Model.Plan.Memory;

/// <summary>
/// Which tensors of the graph share a place in the arena: views (an eliminated RESHAPE is its input), and operators whose
/// output lies exactly where an input died (firmware/engine/SPEC.md §3). And which may overlap, since an operator computes
/// one over the other row by row.
/// </summary>
internal sealed class StorageAssignment
{
    private readonly Graph _graph;
    private readonly IReadOnlyList<LoweredOperator> _operators;
    private readonly IReadOnlyList<MemoryAlternative> _ways;
    private readonly int[] _viewOf;
    private readonly SortedDictionary<int, (int First, int Last)> _live = [];
    private readonly Dictionary<int, int> _requestOf = [];
    private readonly Dictionary<int, int> _scratchRequest = [];
    private readonly List<List<LiveRange>> _ranges = [];
    private readonly List<AllowedOverlap> _overlaps = [];

    private StorageAssignment(Graph graph, IReadOnlyList<LoweredOperator> operators, IReadOnlyList<MemoryAlternative> ways, int[] viewOf)
    {
        _graph = graph;
        _operators = operators;
        _ways = ways;
        _viewOf = viewOf;
    }

    /// <summary>What the planner places.</summary>
    public IReadOnlyList<MemoryRequest> Requests { get; private set; } = [];

    /// <summary>Requests that may overlap row by row; at most one an operator.</summary>
    public IReadOnlyList<AllowedOverlap> Overlaps => _overlaps;

    /// <summary>Operators whose output lies in place of an input.</summary>
    public int InPlaceCount { get; private set; }

    /// <param name="graph">The graph.</param>
    /// <param name="operators">Its records in execution order.</param>
    /// <param name="ways">For each record the way in which it runs.</param>
    /// <param name="viewOf">For each tensor the tensor whose bytes it is: itself, or the input of an eliminated RESHAPE.</param>
    /// <param name="inPlace">Whether outputs may take the place of inputs.</param>
    /// <param name="overlap">Whether outputs may overlap inputs row by row.</param>
    public static StorageAssignment Create(
        Graph graph, IReadOnlyList<LoweredOperator> operators, IReadOnlyList<MemoryAlternative> ways, int[] viewOf, bool inPlace, bool overlap)
    {
        var assignment = new StorageAssignment(graph, operators, ways, viewOf);
        assignment.FindLiveRanges();
        assignment.AssignRequests(inPlace);
        if (overlap)
        {
            assignment.FindOverlaps();
        }

        assignment.Requests = [.. assignment._ranges.Select(ranges => new MemoryRequest(ranges))];
        return assignment;
    }

    /// <summary>The request of an arena tensor.</summary>
    public int RequestOf(int tensor) => _requestOf[_viewOf[tensor]];

    /// <summary>The request of the scratch of operator <paramref name="op"/>; −1 when it has none.</summary>
    public int ScratchRequestOf(int op) => _scratchRequest.GetValueOrDefault(op, -1);

    /// <summary>The request of the first operand of operator <paramref name="op"/> when its bytes die there; else −1.</summary>
    public int DyingInputOf(int op) =>
        _operators[op].Inputs[0] is >= 0 and int tensor && InArena(tensor) && DiesAt(_viewOf[tensor], op) ? RequestOf(tensor) : -1;

    private bool InArena(int tensor) => !_graph.Tensors[tensor].IsConstant && !_graph.Tensors[tensor].IsVariable;

    private void FindLiveRanges()
    {
        foreach (int input in _graph.Inputs)
        {
            Extend(input, 0, 0);
        }

        for (int op = 0; op < _operators.Count; op++)
        {
            foreach (int tensor in _operators[op].Inputs.Append(_operators[op].Output))
            {
                if (tensor >= 0 && InArena(tensor))
                {
                    Extend(tensor, op, op);
                }
            }
        }

        foreach (int output in _graph.Outputs)
        {
            Extend(output, _operators.Count - 1, _operators.Count - 1);
        }
    }

    private void Extend(int tensor, int first, int last)
    {
        int root = _viewOf[tensor];
        _live[root] = _live.TryGetValue(root, out (int First, int Last) live)
            ? (System.Math.Min(live.First, first), System.Math.Max(live.Last, last))
            : (first, last);
    }

    private void AssignRequests(bool inPlace)
    {
        foreach (int input in _graph.Inputs)
        {
            NewRequest(input);
        }

        for (int op = 0; op < _operators.Count; op++)
        {
            int output = _viewOf[_operators[op].Output];
            int host = inPlace ? HostOf(op) : -1;
            if (host >= 0)
            {
                InPlaceCount++;
                _requestOf[output] = _requestOf[host];
                _ranges[_requestOf[host]].Add(RangeOf(output));
            }
            else
            {
                NewRequest(output);
            }

            if (_ways[op].ScratchBytes > 0)
            {
                _scratchRequest[op] = _ranges.Count;
                _ranges.Add([new LiveRange(op, op, _ways[op].ScratchBytes)]);
            }
        }
    }

    private void FindOverlaps()
    {
        for (int op = 0; op < _operators.Count; op++)
        {
            if (_ways[op].Rows is not { } rows || DyingInputOf(op) < 0)
            {
                continue;
            }

            (int input, int output) = (_viewOf[_operators[op].Inputs[0]], _viewOf[_operators[op].Output]);
            long inputBytes = _graph.Tensors[input].ByteSize;
            long outputBytes = _graph.Tensors[output].ByteSize;
            _overlaps.Add(new AllowedOverlap(
                _requestOf[input], _requestOf[output], op, inputBytes, outputBytes, rows.Overlap(inputBytes, outputBytes)));
        }
    }

    private void NewRequest(int tensor)
    {
        int root = _viewOf[tensor];
        _requestOf[root] = _ranges.Count;
        _ranges.Add([RangeOf(root)]);
    }

    private LiveRange RangeOf(int root) => new(_live[root].First, _live[root].Last, _graph.Tensors[root].ByteSize);

    // The input whose place the output takes: the largest that dies here, -1 when there is none.
    private int HostOf(int op)
    {
        int best = -1;
        foreach (int position in _ways[op].InPlace)
        {
            int tensor = _operators[op].Inputs[position];
            if (tensor < 0 || !InArena(tensor))
            {
                continue;
            }

            int root = _viewOf[tensor];
            if (DiesAt(root, op) && AllUsesAllowInPlace(op, root) && (best < 0 || _graph.Tensors[root].ByteSize > _graph.Tensors[best].ByteSize))
            {
                best = root;
            }
        }

        return best;
    }

    private bool DiesAt(int root, int op) =>
        _live[root].Last == op && !_graph.Outputs.Any(output => _viewOf[output] == root);

    private bool AllUsesAllowInPlace(int op, int root)
    {
        LoweredOperator lowered = _operators[op];
        for (int position = 0; position < lowered.Inputs.Count; position++)
        {
            int tensor = lowered.Inputs[position];
            if (tensor >= 0 && _viewOf[tensor] == root && !_ways[op].InPlace.Contains(position))
            {
                return false;
            }
        }

        return true;
    }
}
