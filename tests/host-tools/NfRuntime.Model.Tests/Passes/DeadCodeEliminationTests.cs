using NfRuntime.Model.Ir;
using NfRuntime.Model.Passes;
using NfRuntime.Model.Tests.Plan;
using Xunit;

namespace NfRuntime.Model.Tests.Passes;

public class DeadCodeEliminationTests
{
    [Fact]
    public void An_operator_that_no_output_needs_goes_and_so_does_what_only_it_read()
    {
        var builder = new GraphBuilder();
        int input = builder.Input([1, 2, 2, 3]);
        int kept = builder.Logistic(input);
        builder.Logistic(builder.Logistic(kept));
        Graph graph = PassTests.Apply(new DeadCodeElimination(), builder.Build(kept));
        Assert.Equal(["0:Logistic"], graph.Operators());
    }

    [Fact]
    public void An_operator_that_writes_state_which_a_needed_one_reads_stays()
    {
        var builder = new GraphBuilder();
        int input = builder.Input([1, 4]);
        int state = builder.State([1, 6], 0.1f, 0, ElementType.Int16);
        int unread = Svdf(builder, input, state);
        int read = Svdf(builder, input, state);
        int other = Svdf(builder, input, builder.State([1, 6], 0.1f, 0, ElementType.Int16));
        Graph graph = PassTests.Apply(new DeadCodeElimination(), builder.Build(read));
        Assert.Equal(["0:Svdf", "1:Svdf"], graph.Operators());
        Assert.True(unread < read && read < other);
    }

    [Fact]
    public void A_graph_without_dead_code_is_returned_as_it_is()
    {
        var builder = new GraphBuilder();
        Graph graph = builder.Build(builder.Logistic(builder.Input([1, 4])));
        Assert.Same(graph, new DeadCodeElimination().Run(graph));
    }

    private static int Svdf(GraphBuilder builder, int input, int state)
    {
        int features = builder.Weights([2, 4], 1);
        int time = builder.Constant<short>(ElementType.Int16, [2, 3], GraphBuilder.Scale(0.01f), 1, 2, 3, 4, 5, 6);
        return builder.Op(new SvdfAttributes(1, Activation.None), [1, 2], [input, features, time, builder.Bias(1, 2), state]);
    }
}
