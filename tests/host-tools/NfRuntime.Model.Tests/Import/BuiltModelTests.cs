using System.Linq;
using NfRuntime.Model.Import;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Tests.Import.Building;
using Xunit;
using static NfRuntime.Model.Tests.Import.Building.ModelBuilder;

namespace NfRuntime.Model.Tests.Import;

/// <summary>Models of our own import to exactly what was built.</summary>
public class BuiltModelTests
{
    public static TheoryData<string> Names => [.. SampleModels.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_sample_is_sound(string name)
    {
        Graph graph = Refusal.Import(SampleModels.All[name]);
        ModelFacts.AssertSound(graph);
        Assert.Single(graph.Nodes);
    }

    [Fact]
    public void Every_operator_of_the_IR_has_a_sample()
    {
        OperatorKind[] kinds = [.. SampleModels.All.Values.Select(model => Refusal.Import(model).Nodes[0].Kind).Distinct()];
        Assert.Equal(System.Enum.GetValues<OperatorKind>().Except([OperatorKind.MaxPool2D]).Order(), kinds.Order());
    }

    [Fact]
    public void Conv_has_its_attributes_tensors_and_padding()
    {
        Graph graph = Refusal.Import(SampleModels.Conv2D());

        // 5 rows, kernel 3, stride 2: 3 windows reach 7 rows, so 2 of padding, 1 above; 4 columns, kernel 2, stride 1: 1 of padding, behind.
        Assert.Equal(new Conv2DAttributes(2, 1, 1, 1, 1, 0, Activation.Relu), graph.Nodes[0].Attributes);
        Assert.Equal(["input", "weights", "bias", "output"], graph.Tensors.Select(tensor => tensor.Name));
        Assert.Equal(new Quantization([0.1f, 0.2f, 0.3f], [0, 0, 0], 0), graph.Tensors[1].Quantization);
        Assert.Equal(Quantization.PerTensor(0.5f, 3), graph.Tensors[0].Quantization);
        Assert.Equal(36, graph.Tensors[1].Data!.Value.Length);
    }

    [Fact]
    public void Depthwise_has_its_attributes() => Assert.Equal(
        new DepthwiseConv2DAttributes(1, 2, 2, 1, 0, 0, 2, Activation.None),
        Refusal.Import(SampleModels.DepthwiseConv2D()).Nodes[0].Attributes);

    [Fact]
    public void Pool_has_its_attributes() => Assert.Equal(
        new Pool2DAttributes(OperatorKind.AveragePool2D, 2, 3, 2, 2, 0, 0, Activation.None),
        Refusal.Import(SampleModels.AveragePool()).Nodes[0].Attributes);

    [Fact]
    public void Axes_are_resolved_and_ascending()
    {
        var mean = (MeanAttributes)Refusal.Import(SampleModels.Mean()).Nodes[0].Attributes;
        Assert.Equal([0, 2], mean.Axes);
        Assert.False(mean.KeepDims);
    }

    [Fact]
    public void Operands_may_be_int64()
    {
        ModelBuilder m = SampleModels.Transpose();
        m.Tensors[1].Set(TensorField.Type, I64);
        m.Buffers[1].Set(0, Bytes([2L, 0L, 1L]));
        Assert.Equal([2, 0, 1], ((TransposeAttributes)Refusal.Import(m).Nodes[0].Attributes).Permutation);
    }

    [Fact]
    public void Paddings_are_split()
    {
        var pad = (PadAttributes)Refusal.Import(SampleModels.Pad()).Nodes[0].Attributes;
        Assert.Equal([1, 1], pad.Before);
        Assert.Equal([0, 2], pad.After);
    }

    [Fact]
    public void Lstm_keeps_positions_and_states()
    {
        Graph graph = Refusal.Import(SampleModels.Lstm());
        Node node = graph.Nodes[0];
        Assert.Equal(new LstmAttributes(false, 10, 0, Activation.Tanh), node.Attributes);
        Assert.Equal(24, node.Inputs.Count);
        Assert.Equal(-1, node.Inputs[9]);
        Assert.Equal([18, 19], Enumerable.Range(0, 24).Where(i => node.Inputs[i] >= 0 && graph.Tensors[node.Inputs[i]].IsVariable));
    }

    [Fact]
    public void Bias_may_be_absent_in_both_ways()
    {
        ModelBuilder shorter = SampleModels.Conv2D();
        shorter.Operators[0].Set(OperatorField.Inputs, new[] { 0, 1 });
        Assert.Equal(-1, Refusal.Import(shorter).Nodes[0].InputOrNone(2));

        ModelBuilder marked = SampleModels.FullyConnected();
        marked.Operators[0].Set(OperatorField.Inputs, new[] { 0, 1, -1 });
        Assert.Equal(-1, Refusal.Import(marked).Nodes[0].InputOrNone(2));
    }

    [Fact]
    public void Quantized_bias_type_is_kept()
    {
        ModelBuilder m = SampleModels.Conv2DInt16();
        m.Operators[0].Set(OperatorField.Inputs, new[] { 0, 1 });
        ((FbTable)m.Operators[0].Fields[OperatorField.Options]).Set(6, I32);
        Assert.Equal(ElementType.Int32, ((Conv2DAttributes)Refusal.Import(m).Nodes[0].Attributes).QuantizedBiasType);
    }

    [Fact]
    public void Groups_follow_from_the_weights()
    {
        ModelBuilder m = SampleModels.Conv2D();
        m.Tensors[1].Set(TensorField.Shape, new[] { 4, 3, 2, 1 }).Set(TensorField.Quantization, Affine(0.1f, 0));
        m.Buffers[1].Set(0, new byte[24]);
        m.Tensors[2].Set(TensorField.Shape, new[] { 4 }).Set(TensorField.Quantization, null);
        m.Buffers[2].Set(0, new byte[16]);
        m.Tensors[3].Set(TensorField.Shape, new[] { 1, 3, 4, 4 });
        Graph graph = Refusal.Import(m);
        Assert.Equal(2, graph.Tensors[0].Shape[3] / graph.Tensors[1].Shape[3]);
    }

    [Fact]
    public void Old_writers_store_the_code_in_the_first_field_only()
    {
        ModelBuilder m = SampleModels.Add();
        m.Codes[0].Set(3, null);
        Assert.Equal(OperatorKind.Add, Refusal.Import(m).Nodes[0].Kind);
        m = SampleModels.Mul();
        m.Codes[0].Set(0, null);
        Assert.Equal(OperatorKind.Mul, Refusal.Import(m).Nodes[0].Kind);
    }

    [Fact]
    public void Unused_tensors_are_left_out_and_source_indices_kept()
    {
        ModelBuilder m = SampleModels.Add();
        m.Tensors.Insert(0, new FbTable().Set(TensorField.Type, (sbyte)5).Set(TensorField.Name, "unused string"));
        m.Operators[0].Set(OperatorField.Inputs, new[] { 1, 2 }).Set(OperatorField.Outputs, new[] { 3 });
        (m.Inputs, m.Outputs) = ([1, 2], [3]);
        Graph graph = Refusal.Import(m);
        Assert.Equal([1, 2, 3], graph.Tensors.Select(tensor => tensor.SourceIndex));
        Assert.Equal([0, 1], graph.Inputs);
        Assert.Equal([2], graph.Nodes[0].Outputs);
    }

    [Fact]
    public void Names_are_printable()
    {
        ModelBuilder m = SampleModels.Logistic();
        m.Tensors[0].Set(TensorField.Name, "a\u001b[2Jb\u202e");
        Assert.Equal("a?[2Jb?", Refusal.Import(m).Tensors[0].Name);
    }

    [Fact]
    public void Constants_are_slices_of_the_file()
    {
        byte[] file = SampleModels.Mean().Build();
        Graph graph = TfliteImporter.Import(file, "built");
        Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(graph.Tensors[1].Data!.Value, out System.ArraySegment<byte> segment));
        Assert.Same(file, segment.Array);
    }
}
