using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan;
using NfRuntime.Model.Plan.Lowering;
using NfRuntime.Model.Plan.Memory;
using Xunit;

namespace NfRuntime.Model.Tests.Plan;

/// <summary>Operators that can run in several ways: which one a plan takes, and where its scratch lies.</summary>
public class ArenaPlannerTests
{
    private static readonly int[] First = [0];

    // The input [8, 8, 4] is 256 bytes; a pointwise operator that widens to 16 channels makes the peak, 1024 + 256 and more.
    private readonly GraphBuilder _builder = new();
    private readonly Graph _graph;

    public ArenaPlannerTests()
    {
        int narrow = _builder.Pointwise(_builder.Input([1, 8, 8, 4]), 4);
        _graph = _builder.Build(_builder.Pointwise(_builder.Pointwise(narrow, 16), 16));
    }

    [Fact]
    public void An_operator_takes_the_fastest_way_whose_scratch_is_free()
    {
        ArenaPlan plan = Plan([Way(100_000), Way(700), Way(96)], [], []);
        Assert.Equal((700, 2048), (plan.Ways[0].ScratchBytes, plan.Memory.Peak));
        Assert.True(plan.ScratchOffsets[0] >= 0 && plan.ScratchOffsets[0] + 700 <= 2048);
        Assert.True(IsFree(plan, 0));
    }

    [Fact]
    public void At_the_peak_it_takes_the_way_that_needs_least()
    {
        ArenaPlan plan = Plan([], [], [Way(64), Way(0)]);
        Assert.Equal((0, -1, 2048), (plan.Ways[2].ScratchBytes, plan.ScratchOffsets[2], plan.Memory.Peak));
    }

    [Fact]
    public void A_way_that_computes_in_place_is_taken_where_it_lowers_the_peak()
    {
        MemoryAlternative inPlace = new(ElementType.Int16, 300, First, null);
        ArenaPlan plan = Plan([], [], [inPlace, Way(0)]);
        Assert.Equal((inPlace, 1024 + 304), (plan.Ways[2], plan.Memory.Peak));
        Assert.Equal(plan.Storage.RequestOf(_graph.Nodes[2].Inputs[0]), plan.Storage.RequestOf(_graph.Nodes[2].Outputs[0]));
        Assert.True(IsFree(plan, 2));
    }

    // Row by row as planned, the faster way only apart: where the plan lets them overlap, it may not be taken.
    [Fact]
    public void A_faster_way_does_not_run_where_the_output_lies_over_the_input()
    {
        var rows = new WindowRows(8, 8, 1, 0, 1, 2, 0);
        MemoryAlternative slow = new(ElementType.Int8, 0, [], rows);
        Assert.Equal(slow, Plan([], [], [Way(0), slow]).Ways[2]);
        Assert.Equal(Way(0), Plan([Way(0), slow], [], []).Ways[0]);
    }

    private static MemoryAlternative Way(long scratch) => new(ElementType.Int8, scratch, [], null);

    private ArenaPlan Plan(MemoryAlternative[] a, MemoryAlternative[] b, MemoryAlternative[] c)
    {
        MemoryAlternative[][] ways = [a, b, c];
        LoweredOperator[] operators = [.. _graph.Nodes.Select((node, n) => Operator(node, ways[n].Length == 0 ? [Way(0)] : ways[n]))];
        return ArenaPlanner.Plan(_graph, operators, new Lifetimes(_graph, operators, [.. Enumerable.Range(0, _graph.Tensors.Count)]), new CompileOptions { Streaming = Streaming.Off });
    }

    private static LoweredOperator Operator(Node node, MemoryAlternative[] ways) => new(node, PlanKind.Conv2D, [])
    {
        Inputs = [node.Inputs[0], -1, -1],
        Alternatives = ways[..^1],
        Scratch = (ways[^1].ScratchType, ways[^1].ScratchBytes),
        InPlace = ways[^1].InPlace,
        Rows = ways[^1].Rows,
    };

    private static bool IsFree(ArenaPlan plan, int op) => Enumerable.Range(0, plan.Storage.Requests.Count)
        .Where(request => request != plan.Storage.ScratchRequestOf(op) && plan.Storage.Requests[request].BytesAt(op) > 0)
        .All(request => plan.ScratchOffsets[op] + plan.Ways[op].ScratchBytes <= plan.Memory.Offsets[request]
            || plan.ScratchOffsets[op] >= plan.Memory.Offsets[request] + plan.Storage.Requests[request].BytesAt(op));
}
