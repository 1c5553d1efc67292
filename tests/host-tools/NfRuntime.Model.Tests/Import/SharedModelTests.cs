using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using NfRuntime.Model.Import;
using NfRuntime.Model.Ir;
using Xunit;

namespace NfRuntime.Model.Tests.Import;

/// <summary>The eleven networks against models.json, which another reader of the same files wrote.</summary>
public class SharedModelTests
{
    public static TheoryData<string> Models =>
    [
        "simple_add_model", "hello_world_int8", "mnist_lstm_int8", "micro_speech_quantized", "keyword_scrambled_8bit", "kws_ref_model",
        "resnet8_ic_int8", "ad01_int8", "person_detect", "vww_96_int8", "mcunet_vww",
    ];

    [Theory]
    [MemberData(nameof(Models))]
    public void Graph_is_what_the_catalogue_says(string name)
    {
        using JsonDocument catalogue = JsonDocument.Parse(File.ReadAllBytes(SharedData.Require("models/models.json")));
        JsonElement model = catalogue.RootElement.GetProperty(name);
        Graph graph = Load(SharedData.Require($"models/{name}.tflite"));

        CheckInterface(graph, graph.Inputs, model.GetProperty("inputs"));
        CheckInterface(graph, graph.Outputs, model.GetProperty("outputs"));
        JsonElement[] operators = [.. model.GetProperty("oplist").EnumerateArray()];
        Assert.Equal(operators.Length, graph.Nodes.Count);
        for (int index = 0; index < operators.Length; index++)
        {
            Assert.Equal(index, graph.Nodes[index].SourceIndex);
            CheckOperator(graph, graph.Nodes[index], operators[index]);
        }

        Assert.Equal(model.GetProperty("macs").GetInt64(), graph.Nodes.Sum(node => ModelFacts.Macs(graph, node)));
    }

    [Fact]
    public void Graph_is_sound()
    {
        foreach (string file in Directory.GetFiles(SharedData.Require("models"), "*.tflite"))
        {
            ModelFacts.AssertSound(Load(file));
        }
    }

    private static Graph Load(string path) => TfliteImporter.Import(File.ReadAllBytes(path), Path.GetFileNameWithoutExtension(path));

    private static void CheckInterface(Graph graph, IReadOnlyList<int> tensors, JsonElement expected)
    {
        Assert.Equal(expected.GetArrayLength(), tensors.Count);
        foreach ((int index, JsonElement entry) in tensors.Zip(expected.EnumerateArray()))
        {
            Tensor tensor = graph.Tensors[index];
            Assert.Equal(entry.GetProperty("name").GetString(), tensor.Name);
            Assert.Equal(Ints(entry.GetProperty("shape")), tensor.Shape);
            Assert.Equal(entry.GetProperty("type").GetString(), tensor.Type.ToString(), ignoreCase: true);
            Assert.Equal(entry.GetProperty("scale").EnumerateArray().Select(scale => scale.GetSingle()), tensor.Quantization?.Scales ?? []);
            Assert.Equal(Ints(entry.GetProperty("zp")), tensor.Quantization?.ZeroPoints ?? []);
        }
    }

    private static void CheckOperator(Graph graph, Node node, JsonElement expected)
    {
        Assert.Equal(expected.GetProperty("op").GetString(), ModelFacts.SchemaName(node.Kind));
        CheckTensors(graph, node.Inputs, expected.GetProperty("in"));
        CheckTensors(graph, node.Outputs, expected.GetProperty("out"));
        Assert.Equal(expected.GetProperty("macs").GetInt64(), ModelFacts.Macs(graph, node));
        if (expected.TryGetProperty("stride", out JsonElement stride))
        {
            Assert.Equal(Ints(stride), Strides(node.Attributes));
        }

        if (expected.TryGetProperty("dil", out JsonElement dilation))
        {
            Assert.Equal(Ints(dilation), Dilations(node.Attributes));
        }

        if (expected.TryGetProperty("mult", out JsonElement multiplier))
        {
            Assert.Equal(multiplier.GetInt32(), ((DepthwiseConv2DAttributes)node.Attributes).Multiplier);
        }

        if (expected.TryGetProperty("act", out JsonElement activation))
        {
            Assert.Equal(activation.GetInt32(), (int)ActivationOf(node.Attributes));
        }
    }

    private static void CheckTensors(Graph graph, IReadOnlyList<int> tensors, JsonElement expected)
    {
        Assert.Equal(expected.GetArrayLength(), tensors.Count);
        foreach ((int index, JsonElement entry) in tensors.Zip(expected.EnumerateArray()))
        {
            Assert.Equal(entry.ValueKind == JsonValueKind.Null, index == -1);
            if (index >= 0)
            {
                Assert.Equal(Ints(entry[0]), graph.Tensors[index].Shape);
                Assert.Equal(entry[1].GetString(), graph.Tensors[index].Type.ToString(), ignoreCase: true);
            }
        }
    }

    private static int[] Strides(OperatorAttributes attributes) => attributes switch
    {
        Conv2DAttributes conv => [conv.StrideH, conv.StrideW],
        DepthwiseConv2DAttributes conv => [conv.StrideH, conv.StrideW],
        Pool2DAttributes pool => [pool.StrideH, pool.StrideW],
        _ => throw new InvalidOperationException("no strides"),
    };

    private static int[] Dilations(OperatorAttributes attributes) => attributes switch
    {
        Conv2DAttributes conv => [conv.DilationH, conv.DilationW],
        DepthwiseConv2DAttributes conv => [conv.DilationH, conv.DilationW],
        _ => throw new InvalidOperationException("no dilations"),
    };

    private static Activation ActivationOf(OperatorAttributes attributes) => attributes switch
    {
        Conv2DAttributes conv => conv.Activation,
        DepthwiseConv2DAttributes conv => conv.Activation,
        FullyConnectedAttributes full => full.Activation,
        ElementwiseAttributes elementwise => elementwise.Activation,
        Pool2DAttributes pool => pool.Activation,
        _ => throw new InvalidOperationException("no activation"),
    };

    private static int[] Ints(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetInt32())];
}
