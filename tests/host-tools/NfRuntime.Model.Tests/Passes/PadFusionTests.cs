using System;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Passes;
using NfRuntime.Model.Tests.Plan;
using Xunit;

namespace NfRuntime.Model.Tests.Passes;

public class PadFusionTests
{
    [Fact]
    public void A_pad_of_height_and_width_goes_into_the_convolution()
    {
        Graph graph = PassTests.Apply(new PadFusion(), Padded([0, 1, 2, 0], [0, 1, 0, 0], 0.5f));
        Node node = Assert.Single(graph.Nodes);
        Assert.Equal(1, node.SourceIndex);
        Assert.Equal(new Conv2DAttributes(1, 1, 1, 1, 1, 2, Activation.None), node.Attributes);
        Assert.Equal(0, node.Inputs[0]);
    }

    [Fact]
    public void A_pad_of_channels_stays() => Stays(Padded([0, 0, 0, 1], [0, 0, 0, 0], 0.5f));

    [Fact]
    public void A_pad_that_gives_its_output_another_scale_stays() => Stays(Padded([0, 1, 1, 0], [0, 1, 1, 0], 0.25f));

    [Fact]
    public void A_pad_that_makes_windows_without_input_stays() => Stays(Padded([0, 3, 0, 0], [0, 0, 0, 0], 0.5f));

    [Fact]
    public void A_pad_that_a_pool_reads_too_stays()
    {
        var builder = new GraphBuilder();
        int input = builder.Input([1, 4, 4, 2]);
        int padded = builder.Op(new PadAttributes([0, 1, 1, 0], [0, 1, 1, 0]), [1, 6, 6, 2], [input]);
        int conv = builder.Op(new Conv2DAttributes(1, 1, 1, 1, 0, 0, Activation.None), [1, 4, 4, 2], [padded, builder.Weights([2, 3, 3, 2], 1)]);
        int pool = builder.Op(new Pool2DAttributes(OperatorKind.MaxPool2D, 3, 3, 1, 1, 0, 0, Activation.None), [1, 4, 4, 2], [padded]);
        Stays(builder.Build(conv, pool));
    }

    [Fact]
    public void A_pad_whose_output_is_the_model_s_stays()
    {
        Graph graph = Padded([0, 1, 1, 0], [0, 1, 1, 0], 0.5f);
        Stays(graph with { Outputs = [.. graph.Outputs, graph.Nodes[0].Outputs[0]] });
    }

    private static void Stays(Graph graph) => Assert.Same(graph, new PadFusion().Run(graph));

    private static Graph Padded(int[] before, int[] after, float scale)
    {
        var builder = new GraphBuilder();
        int[] shape = [1, 4, 4, 2];
        int input = builder.Input(shape);
        int[] padded = [.. Array.ConvertAll([0, 1, 2, 3], d => shape[d] + before[d] + after[d])];
        int pad = builder.Op(new PadAttributes(before, after), padded, [input], scale);
        int weights = builder.Weights([3, 3, 3, padded[3]], 1);
        return builder.Build(builder.Op(new Conv2DAttributes(1, 1, 1, 1, 0, 0, Activation.None), [1, padded[1] - 2, padded[2] - 2, 3], [pad, weights]));
    }
}
