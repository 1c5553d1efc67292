using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Passes;
using NfRuntime.Model.Tests.Plan;
using Xunit;

namespace NfRuntime.Model.Tests.Passes;

public class GraphVerifierTests
{
    private static readonly Dictionary<string, Func<Graph, Graph>> Breakages = new()
    {
        ["dimension 0"] = g => WithTensor(g, 0, t => t with { Shape = [1, 0, 4, 2] }),
        ["rank 7"] = g => WithTensor(g, 0, t => t with { Shape = [1, 1, 1, 1, 1, 1, 32] }),
        ["too large"] = g => WithTensor(g, 0, t => t with { Shape = [1, 65536, 65536, 2] }),
        ["data too short"] = g => WithTensor(g, 1, t => t with { Data = new byte[3] }),
        ["variable with data"] = g => WithTensor(g, 1, t => t with { IsVariable = true }),
        ["scale 0"] = g => WithTensor(g, 0, t => t with { Quantization = Quantization.PerTensor(0f, 0) }),
        ["output out of range"] = g => g with { Outputs = [99] },
        ["constant input"] = g => g with { Inputs = [0, 1] },
        ["input twice"] = g => g with { Inputs = [0, 0] },
        ["output not produced"] = g => g with { Nodes = [g.Nodes[0]] },
        ["reads out of range"] = g => WithNode(g, 0, n => n with { Inputs = [0, 99] }),
        ["reads before produced"] = g => g with { Nodes = [g.Nodes[1], g.Nodes[0]] },
        ["writes out of range"] = g => WithNode(g, 0, n => n with { Outputs = [-1] }),
        ["two producers"] = g => WithNode(g, 1, n => n with { Outputs = g.Nodes[0].Outputs }),
        ["writes an input"] = g => WithNode(g, 1, n => n with { Outputs = [0] }),
        ["required input absent"] = g => WithNode(g, 0, n => n with { Inputs = [0, -1] }),
        ["too few inputs"] = g => WithNode(g, 0, n => n with { Inputs = [0] }),
        ["channels differ"] = g => WithTensor(g, 2, t => t with { Shape = [1, 4, 4, 5] }),
        ["rank of an image"] = g => WithTensor(g, 2, t => t with { Shape = [4, 4, 3] }),
        ["types differ"] = g => WithTensor(g, 2, t => t with { Type = ElementType.Int16 }),
        ["shapes differ"] = g => WithTensor(g, 3, t => t with { Shape = [1, 4, 4, 4] }),
        ["reshape of other size"] = g => WithNode(g, 1, n => n with { Attributes = new PlainAttributes(OperatorKind.Reshape) }, [1, 4, 4, 4]),
        ["permutation"] = g => WithNode(g, 1, n => n with { Attributes = new TransposeAttributes([0, 0, 1, 2]) }),
        ["transposed shape"] = g => WithNode(g, 1, n => n with { Attributes = new TransposeAttributes([3, 2, 1, 0]) }),
        ["padded shape"] = g => WithNode(g, 1, n => n with { Attributes = new PadAttributes([0, 1, 0, 0], [0, 0, 0, 0]) }),
        ["axis"] = g => WithNode(g, 1, n => n with { Attributes = new MeanAttributes([4], true) }),
        ["broadcast"] = g => WithNode(g, 1, n => n with { Attributes = new ElementwiseAttributes(OperatorKind.Add, Activation.None), Inputs = [2, 0] }),
    };

    public static TheoryData<string> Names => [.. Breakages.Keys];

    [Fact]
    public void A_sound_graph_has_no_problem() => Assert.Null(GraphVerifier.FindProblem(Sound()));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_broken_graph_is_found(string breakage) => Assert.NotNull(GraphVerifier.FindProblem(Breakages[breakage](Sound())));

    [Fact]
    public void The_pipeline_names_the_pass_that_broke_the_graph()
    {
        var e = Assert.Throws<GraphVerificationException>(() => new PassPipeline([new DeadCodeElimination(), new Breaking()]).Run(Sound()));
        Assert.StartsWith("after the breaking pass: ", e.Message, StringComparison.Ordinal);
    }

    private static Graph Sound()
    {
        var builder = new GraphBuilder();
        int conv = builder.Pointwise(builder.Input([1, 4, 4, 2]), 3);
        return builder.Build(builder.Logistic(conv));
    }

    private static Graph WithTensor(Graph graph, int index, Func<Tensor, Tensor> change) =>
        graph with { Tensors = [.. graph.Tensors.Select((tensor, i) => i == index ? change(tensor) : tensor)] };

    private static Graph WithNode(Graph graph, int index, Func<Node, Node> change, int[]? outputShape = null)
    {
        Graph changed = graph with { Nodes = [.. graph.Nodes.Select((node, i) => i == index ? change(node) : node)] };
        return outputShape is null ? changed : WithTensor(changed, changed.Nodes[index].Outputs[0], t => t with { Shape = outputShape });
    }

    private sealed class Breaking : IGraphPass
    {
        public string Name => "the breaking pass";

        public Graph Run(Graph graph) => graph with { Outputs = [99] };
    }
}
