using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using Xunit;

namespace NfRuntime.Model.Tests.Import;

/// <summary>What the tests know about graphs without the importer's help.</summary>
internal static class ModelFacts
{
    public static string SchemaName(OperatorKind kind) => kind switch
    {
        OperatorKind.AveragePool2D => "AVERAGE_POOL_2D",
        OperatorKind.Conv2D => "CONV_2D",
        OperatorKind.DepthwiseConv2D => "DEPTHWISE_CONV_2D",
        OperatorKind.FullyConnected => "FULLY_CONNECTED",
        OperatorKind.MaxPool2D => "MAX_POOL_2D",
        OperatorKind.UnidirectionalSequenceLstm => "UNIDIRECTIONAL_SEQUENCE_LSTM",
        _ => kind.ToString().ToUpperInvariant(),
    };

    /// <summary>Multiply-adds of one operator, padding counted as if present.</summary>
    public static long Macs(Graph graph, Node node)
    {
        Tensor output = graph.Tensors[node.Outputs[0]];
        Tensor Input(int position) => graph.Tensors[node.Inputs[position]];
        return node.Kind switch
        {
            OperatorKind.Conv2D => (long)output.ElementCount * Input(1).ElementCount / Input(1).Shape[0],
            OperatorKind.DepthwiseConv2D => (long)output.ElementCount * Input(1).Shape[1] * Input(1).Shape[2],
            OperatorKind.FullyConnected => (long)output.ElementCount * Input(1).Shape[1],
            OperatorKind.Svdf => (long)Input(0).Shape[0] * (Input(1).ElementCount + Input(2).ElementCount),
            OperatorKind.UnidirectionalSequenceLstm =>
                (long)Input(0).Shape[0] * Input(0).Shape[1] * Enumerable.Range(1, 8).Sum(position => (long)Input(position).ElementCount),
            _ => 0,
        };
    }

    /// <summary>The promises of the IR that hold for every graph, whatever the operators.</summary>
    public static void AssertSound(Graph graph)
    {
        Assert.All(graph.Tensors, AssertTensor);
        HashSet<int> ready = [.. graph.Inputs];
        Assert.Equal(graph.Inputs.Count, ready.Count);
        foreach (Node node in graph.Nodes)
        {
            foreach (int input in node.Inputs.Where(index => index >= 0))
            {
                Assert.True(ready.Contains(input) || graph.Tensors[input].IsConstant || graph.Tensors[input].IsVariable);
            }

            foreach (int output in node.Outputs)
            {
                Assert.False(graph.Tensors[output].IsConstant || graph.Tensors[output].IsVariable);
                Assert.True(ready.Add(output));
            }
        }

        Assert.NotEmpty(graph.Outputs);
        Assert.All(graph.Outputs, output => Assert.Contains(output, ready));
    }

    private static void AssertTensor(Tensor tensor)
    {
        Assert.InRange(tensor.Shape.Count, 0, 6);
        Assert.All(tensor.Shape, dimension => Assert.InRange(dimension, 1, int.MaxValue));
        Assert.Equal(tensor.ByteSize, tensor.Data?.Length ?? tensor.ByteSize);
        if (tensor.Quantization is { } quantization)
        {
            Assert.NotEqual(ElementType.Float32, tensor.Type);
            Assert.NotEmpty(quantization.Scales);
            Assert.Equal(quantization.Scales.Count, quantization.ZeroPoints.Count);
            Assert.All(quantization.Scales, scale => Assert.True(float.IsFinite(scale) && scale > 0));
            Assert.True(!quantization.IsPerChannel || tensor.Shape[quantization.Axis] == quantization.Scales.Count);
        }
    }
}
