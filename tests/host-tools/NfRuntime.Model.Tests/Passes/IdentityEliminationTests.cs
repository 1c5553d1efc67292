using NfRuntime.Model.Ir;
using NfRuntime.Model.Passes;
using NfRuntime.Model.Tests.Plan;
using Xunit;

namespace NfRuntime.Model.Tests.Passes;

public class IdentityEliminationTests
{
    [Fact]
    public void What_keeps_the_bytes_becomes_a_reshape_or_goes()
    {
        var builder = new GraphBuilder();
        int input = builder.Input([1, 2, 3, 1]);
        int transposed = builder.Op(new TransposeAttributes([3, 1, 0, 2]), [1, 2, 1, 3], [input]);
        int quantized = builder.Op(new PlainAttributes(OperatorKind.Quantize), [1, 2, 1, 3], [transposed]);
        int padded = builder.Op(new PadAttributes([0, 0, 0, 0], [0, 0, 0, 0]), [1, 2, 1, 3], [quantized]);
        int pooled = builder.Op(new Pool2DAttributes(OperatorKind.MaxPool2D, 1, 1, 1, 1, 0, 0, Activation.None), [1, 2, 1, 3], [padded]);
        int mean = builder.Op(new MeanAttributes([2], false), [1, 2, 3], [pooled]);
        int logistic = builder.Logistic(mean);
        Graph graph = PassTests.Apply(new IdentityElimination(), builder.Build(logistic));
        Assert.Equal(["0:Reshape", "4:Reshape", "5:Logistic"], graph.Operators());
        Assert.Equal([input], graph.Nodes[1].Inputs);
    }

    [Theory]
    [InlineData(0.25f, 0)]
    [InlineData(0.5f, 1)]
    public void Quantize_to_other_parameters_stays(float scale, int zeroPoint)
    {
        var builder = new GraphBuilder();
        int input = builder.Input([4], 0.5f, 0);
        Graph graph = builder.Build(builder.Logistic(builder.Op(new PlainAttributes(OperatorKind.Quantize), [4], [input], scale, zeroPoint)));
        Assert.Same(graph, new IdentityElimination().Run(graph));
    }

    [Fact]
    public void A_transpose_that_moves_elements_stays()
    {
        var builder = new GraphBuilder();
        int input = builder.Input([1, 2, 3]);
        Graph graph = builder.Build(builder.Op(new TransposeAttributes([0, 2, 1]), [1, 3, 2], [input]));
        Assert.Same(graph, new IdentityElimination().Run(graph));
    }

    [Fact]
    public void A_pool_with_an_activation_stays()
    {
        var builder = new GraphBuilder();
        int input = builder.Input([1, 2, 2, 1]);
        var pool = new Pool2DAttributes(OperatorKind.AveragePool2D, 1, 1, 1, 1, 0, 0, Activation.Relu);
        Graph graph = builder.Build(builder.Op(pool, [1, 2, 2, 1], [input]));
        Assert.Same(graph, new IdentityElimination().Run(graph));
    }

    // The second RESHAPE runs after the SVDF has changed the state; what it reads is what the first one saw before.
    [Fact]
    public void A_copy_of_state_is_of_its_time()
    {
        var builder = new GraphBuilder();
        int input = builder.Input([1, 4]);
        int state = builder.State([1, 6], 0.1f, 0, ElementType.Int8);
        int before = builder.Op(new PlainAttributes(OperatorKind.Reshape), [6], [state], 0.1f);
        int[] operands = [input, builder.Weights([3, 4], 1), builder.Weights([3, 2], 2), builder.Bias(1, 2, 3), state];
        int svdf = builder.Op(new SvdfAttributes(1, Activation.None), [1, 3], operands);
        int after = builder.Op(new PlainAttributes(OperatorKind.Reshape), [2, 3], [before], 0.1f);
        Graph graph = PassTests.Apply(new IdentityElimination(), builder.Build(svdf, after));
        Assert.Equal([before], graph.Nodes[2].Inputs);
    }

    [Fact]
    public void The_operator_that_writes_the_output_stays()
    {
        var builder = new GraphBuilder();
        int reshaped = builder.Reshape(builder.Logistic(builder.Input([4])), [4]);
        Graph graph = PassTests.Apply(new IdentityElimination(), builder.Build(reshaped));
        Assert.Equal(["0:Logistic", "1:Reshape"], graph.Operators());
    }
}
