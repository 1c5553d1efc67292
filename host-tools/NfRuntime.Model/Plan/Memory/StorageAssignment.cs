using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan.Lowering;

namespace NfRuntime.Model.Plan.Memory;

/// <summary>
/// Which tensors of the graph share a place in the arena: views (an eliminated RESHAPE is its input), and operators whose
/// output lies exactly where an input died (firmware/engine/SPEC.md §3). And which may overlap, since an operator or a chain
/// computes one over the other row by row. Time is counted in steps.
/// </summary>
internal sealed class StorageAssignment
{
    private readonly Graph _graph;
    private readonly IReadOnlyList<LoweredOperator> _operators;
    private readonly IReadOnlyList<PlanStep> _steps;
    private readonly IReadOnlyList<MemoryAlternative> _ways;
    private readonly Lifetimes _lifetimes;
    private readonly int[] _stepOf;
    private readonly Dictionary<int, int> _requestOf = [];
    private readonly Dictionary<int, int> _scratchRequest = [];
    private readonly List<List<LiveRange>> _ranges = [];
    private readonly List<AllowedOverlap> _overlaps = [];

    private StorageAssignment(
        Graph graph, IReadOnlyList<LoweredOperator> operators, IReadOnlyList<PlanStep> steps, IReadOnlyList<MemoryAlternative> ways, Lifetimes lifetimes)
    {
        _graph = graph;
        _operators = operators;
        _steps = steps;
        _ways = ways;
        _lifetimes = lifetimes;
        _stepOf = [.. steps.SelectMany((step, index) => Enumerable.Repeat(index, step.Last - step.First + 1))];
    }

    /// <summary>What the planner places.</summary>
    public IReadOnlyList<MemoryRequest> Requests { get; private set; } = [];

    /// <summary>Requests that may overlap row by row.</summary>
    public IReadOnlyList<AllowedOverlap> Overlaps => _overlaps;

    /// <summary>What runs when.</summary>
    public IReadOnlyList<PlanStep> Steps => _steps;

    /// <summary>Steps whose output lies in place of an input.</summary>
    public int InPlaceCount { get; private set; }

    /// <param name="graph">The graph.</param>
    /// <param name="operators">Its records in execution order.</param>
    /// <param name="steps">Which of them run together; they cover the records in order.</param>
    /// <param name="ways">For each record the way in which it runs when it is alone.</param>
    /// <param name="lifetimes">When tensors are needed.</param>
    /// <param name="inPlace">Whether outputs may take the place of inputs.</param>
    /// <param name="overlap">Whether outputs may overlap inputs row by row.</param>
    public static StorageAssignment Create(
        Graph graph, IReadOnlyList<LoweredOperator> operators, IReadOnlyList<PlanStep> steps, IReadOnlyList<MemoryAlternative> ways, Lifetimes lifetimes, bool inPlace, bool overlap)
    {
        var assignment = new StorageAssignment(graph, operators, steps, ways, lifetimes);
        assignment.AssignRequests(inPlace);
        for (int step = 0; overlap && step < steps.Count; step++)
        {
            assignment.FindOverlaps(step);
        }

        assignment.Requests = [.. assignment._ranges.Select(ranges => new MemoryRequest(ranges))];
        return assignment;
    }

    /// <summary>The step in which an operator runs.</summary>
    public int StepOf(int op) => _stepOf[op];

    /// <summary>The request of an arena tensor; −1 when it is streamed and has no place of its own.</summary>
    public int RequestOf(int tensor) => _requestOf.GetValueOrDefault(_lifetimes.RootOf(tensor), -1);

    /// <summary>The request of the scratch or working memory of a step; −1 when it has none.</summary>
    public int ScratchRequestOf(int step) => _scratchRequest.GetValueOrDefault(step, -1);

    /// <summary>The request of the first operand of an operator that runs alone when its bytes die there; else −1.</summary>
    public int DyingInputOf(int op) => _steps[_stepOf[op]].Chain is null && FirstDying(op) is >= 0 and int root ? _requestOf[root] : -1;

    private int FirstDying(int op)
    {
        int tensor = _operators[op].Inputs[0];
        return _lifetimes.InArena(tensor) && _lifetimes.DiesIn(_lifetimes.RootOf(tensor), _steps[_stepOf[op]]) ? _lifetimes.RootOf(tensor) : -1;
    }

    private void AssignRequests(bool inPlace)
    {
        foreach (int input in _graph.Inputs)
        {
            NewRequest(input);
        }

        for (int step = 0; step < _steps.Count; step++)
        {
            int output = _lifetimes.RootOf(_operators[_steps[step].Last].Output);
            int host = inPlace ? HostOf(_steps[step]) : -1;
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

            long scratch = _steps[step].Chain?.WorkingBytes ?? _ways[_steps[step].First].ScratchBytes;
            if (scratch > 0)
            {
                _scratchRequest[step] = _ranges.Count;
                _ranges.Add([new LiveRange(step, step, scratch)]);
            }
        }
    }

    private void NewRequest(int tensor)
    {
        int root = _lifetimes.RootOf(tensor);
        _requestOf[root] = _ranges.Count;
        _ranges.Add([RangeOf(root)]);
    }

    private LiveRange RangeOf(int root)
    {
        (int first, int last) = _lifetimes.Of(root);
        return new LiveRange(_stepOf[first], _stepOf[last], _graph.Tensors[root].ByteSize);
    }

    private void FindOverlaps(int index)
    {
        PlanStep step = _steps[index];
        int output = _lifetimes.RootOf(_operators[step.Last].Output);
        foreach ((int root, RowOverlap rows) in StepOverlaps.Of(_graph, _operators, step, _ways[step.First], _lifetimes))
        {
            if (_requestOf[root] != _requestOf[output] && !(IsModelInput(_requestOf[root]) && IsModelInput(_requestOf[output])))
            {
                _overlaps.Add(new AllowedOverlap(_requestOf[root], _requestOf[output], index, _graph.Tensors[root].ByteSize, _graph.Tensors[output].ByteSize, rows));
            }
        }
    }

    // Model inputs are all written before anything runs: none may lie over another (rule V26), not even as the place that an
    // output takes later.
    private bool IsModelInput(int request) => _graph.Inputs.Any(input => _requestOf[_lifetimes.RootOf(input)] == request);

    // The input whose place the output takes: the largest that dies here, -1 when there is none.
    private int HostOf(PlanStep step)
    {
        int best = -1;
        foreach (int root in StepOverlaps.Hosts(_operators, step, _ways[step.First], _lifetimes))
        {
            best = best < 0 || _graph.Tensors[root].ByteSize > _graph.Tensors[best].ByteSize ? root : best;
        }

        return best;
    }
}
