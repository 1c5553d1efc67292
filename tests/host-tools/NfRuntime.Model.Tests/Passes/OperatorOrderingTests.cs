using NfRuntime.Model.Ir;
using NfRuntime.Model.Passes;
using NfRuntime.Model.Plan;
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
