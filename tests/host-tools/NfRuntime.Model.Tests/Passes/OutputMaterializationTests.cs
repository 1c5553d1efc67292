using NfRuntime.Model.Ir;
using NfRuntime.Model.Passes;
using NfRuntime.Model.Tests.Plan;
using Xunit;

namespace NfRuntime.Model.Tests.Passes;

public class OutputMaterializationTests
{
    [Fact]
    public void A_constant_output_is_copied()
    {
        var builder = new GraphBuilder();
        int constant = builder.Weights([2, 3], 1);
        int computed = builder.Logistic(builder.Input([4]));
        Graph graph = PassTests.Apply(new OutputMaterialization(), builder.Build(computed, constant));
        Assert.Equal(["0:Logistic", "0:Reshape"], graph.Operators());
        Assert.Equal(computed, graph.Outputs[0]);
        Assert.Equal([constant], graph.Nodes[1].Inputs);
        Assert.False(graph.Tensors[graph.Outputs[1]].IsConstant);
    }

    [Fact]
    public void A_graph_without_operators_gets_one()
    {
        var builder = new GraphBuilder();
        int input = builder.Input([4]);
        Graph graph = PassTests.Apply(new OutputMaterialization(), builder.Build(input));
        Assert.Equal(["0:Reshape"], graph.Operators());
        Assert.NotEqual(input, graph.Outputs[0]);
    }
}
