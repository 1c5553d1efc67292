using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Passes;
using NfRuntime.Model.Plan;
using NfRuntime.Model.Tests.EndToEnd;
using NfRuntime.Model.Tests.Plan;
using Xunit;

namespace NfRuntime.Model.Tests.Passes;

public class OperatorOrderingTests
{
    // Two wide tensors at once in the source's order; one branch after the other needs only one.
    [Fact]
    public void Branches_run_one_after_the_other_when_that_lowers_the_peak()
    {
        var builder = new GraphBuilder();
        int input = builder.Input([1, 8, 8, 1]);
        int wideA = builder.Pointwise(input, 16);
        int wideB = builder.Pointwise(input, 16);
        int narrowA = builder.Pointwise(wideA, 1);
        int narrowB = builder.Pointwise(wideB, 1);
        Graph graph = builder.Build(builder.AddOp(narrowA, narrowB));
        Graph ordered = PassTests.Apply(new OperatorOrdering(), graph);
        Assert.Equal(["0:Conv2D", "2:Conv2D", "1:Conv2D", "3:Conv2D", "4:Add"], ordered.Operators());
        Assert.Equal(1104, ModelCompiler.Compile(graph, new CompileOptions()).Report.ArenaBytes);
        Assert.Equal(2112, ModelCompiler.Compile(graph, new CompileOptions { KeepAllTensors = true }).Report.ArenaBytes);
    }

    // Tensors of 1,024 and 2,048 bytes are there at once in both orders, and one of 256; but the larger is computed over the
    // smaller where that dies, which it does when the narrow branch has read it.
    [Fact]
    public void What_an_output_computes_over_its_input_is_counted_once()
    {
        var builder = new GraphBuilder();
        int input = builder.Input([1, 8, 8, 16]);
        int wide = builder.Pointwise(input, 32);
        int narrowed = builder.Pointwise(wide, 4);
        Graph graph = builder.Build(builder.AddOp(narrowed, builder.Pointwise(input, 4)));
        Graph ordered = PassTests.Apply(new OperatorOrdering(), graph);
        Assert.Equal(["2:Conv2D", "0:Conv2D", "1:Conv2D", "3:Add"], ordered.Operators());
    }

    // 16 branches have 2^16 sets and more: too many for the exact search.
    [Fact]
    public void Many_branches_are_ordered_too()
    {
        var builder = new GraphBuilder();
        int input = builder.Input([1, 8, 8, 1]);
        int[] wide = [.. Enumerable.Range(0, 16).Select(_ => builder.Pointwise(input, 16))];
        int[] narrow = [.. wide.Select(tensor => builder.Pointwise(tensor, 1))];
        Graph graph = builder.Build(narrow.Aggregate(builder.AddOp));
        Graph ordered = PassTests.Apply(new OperatorOrdering(), graph);
        Assert.NotSame(graph, ordered);
        var model = new OrderingModel(graph);
        var after = new OrderingModel(ordered);
        int[] order = [.. Enumerable.Range(0, graph.Nodes.Count)];
        Assert.True(model.PeakOf(order) > 16 * 1024 && after.PeakOf(order) < 3 * 1024, $"{model.PeakOf(order)} and {after.PeakOf(order)} bytes");
    }

    // Against all orders of small random graphs.
    [Fact]
    public void No_order_is_better()
    {
        int reordered = 0;
        for (int seed = 1; seed <= 300; seed++)
        {
            Graph graph = RandomGraph.Create(seed);
            if (graph.Nodes.Count > 7)
            {
                continue;
            }

            var model = new OrderingModel(graph);
            Graph ordered = new OperatorOrdering().Run(graph);
            reordered += ReferenceEquals(graph, ordered) ? 0 : 1;
            long peak = new OrderingModel(ordered).PeakOf([.. Enumerable.Range(0, graph.Nodes.Count)]);
            Assert.Equal(Best(model, graph.Nodes.Count, [], BigInteger.Zero), peak);
        }

        Assert.True(reordered > 10, $"{reordered} graphs were reordered");
    }

    private static long Best(OrderingModel model, int count, List<int> order, BigInteger done)
    {
        if (order.Count == count)
        {
            return model.PeakOf(order);
        }

        long best = long.MaxValue;
        for (int node = 0; node < count; node++)
        {
            if (model.IsReady(node, done))
            {
                order.Add(node);
                best = Math.Min(best, Best(model, count, order, done | (BigInteger.One << node)));
                order.RemoveAt(order.Count - 1);
            }
        }

        return best;
    }

    [Fact]
    public void Operators_on_one_state_keep_their_order()
    {
        var builder = new GraphBuilder();
        int input = builder.Input([1, 4]);
        int state = builder.State([1, 64], 0.1f, 0, ElementType.Int8);
        int first = Svdf(builder, input, state, 64);
        int second = Svdf(builder, input, state, 1);
        Graph graph = builder.Build(second, builder.Op(new FullyConnectedAttributes(Activation.None, false), [1, 1], [first, builder.Weights([1, 64], 1)]));
        Graph ordered = PassTests.Apply(new OperatorOrdering(), graph);
        Assert.True(IndexOf(ordered, 0) < IndexOf(ordered, 1));
    }

    [Fact]
    public void A_chain_is_returned_as_it_is()
    {
        var builder = new GraphBuilder();
        Graph graph = builder.Build(builder.Logistic(builder.Pointwise(builder.Input([1, 2, 2, 2]), 3)));
        Assert.Same(graph, new OperatorOrdering().Run(graph));
    }

    private static int IndexOf(Graph graph, int source)
    {
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            if (graph.Nodes[i].SourceIndex == source)
            {
                return i;
            }
        }

        return -1;
    }

    private static int Svdf(GraphBuilder builder, int input, int state, int filters)
    {
        int features = builder.Weights([filters, 4], 1);
        int time = builder.Weights([filters, 64 / filters], 2);
        return builder.Op(new SvdfAttributes(1, Activation.None), [1, filters], [input, features, time, builder.Bias(new int[filters]), state]);
    }
}
