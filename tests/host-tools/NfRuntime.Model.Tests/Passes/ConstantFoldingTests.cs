using NfRuntime.Model.Ir;
using NfRuntime.Model.Passes;
using NfRuntime.Model.Tests.Plan;
using Xunit;

namespace NfRuntime.Model.Tests.Passes;

public class ConstantFoldingTests
{
    [Fact]
    public void Transpose_and_reshape_of_a_constant_become_a_constant()
    {
        var builder = new GraphBuilder();
        int input = builder.Input([3, 2]);
        int constant = builder.Constant<sbyte>(ElementType.Int8, [2, 3], GraphBuilder.Scale(0.5f), 1, 2, 3, 4, 5, 6);
        int transposed = builder.Op(new TransposeAttributes([1, 0]), [3, 2], [constant]);
        int reshaped = builder.Reshape(transposed, [3, 2]);
        Graph graph = PassTests.Apply(new ConstantFolding(), builder.Build(builder.AddOp(input, reshaped)));
        Assert.Equal(["2:Add"], graph.Operators());
        Assert.Equal([1, 4, 2, 5, 3, 6], graph.Tensors[reshaped].Data!.Value.ToArray());
    }

    [Fact]
    public void Pad_of_a_constant_fills_with_its_zero_point()
    {
        var builder = new GraphBuilder();
        int input = builder.Input([2, 3]);
        int constant = builder.Constant<sbyte>(ElementType.Int8, [1, 2], GraphBuilder.Scale(0.5f, 7), 1, 2);
        int padded = builder.Op(new PadAttributes([1, 0], [0, 1]), [2, 3], [constant], zeroPoint: 7);
        Graph graph = PassTests.Apply(new ConstantFolding(), builder.Build(builder.AddOp(input, padded)));
        Assert.Equal(["1:Add"], graph.Operators());
        Assert.Equal([7, 7, 7, 1, 2, 7], graph.Tensors[padded].Data!.Value.ToArray());
    }

    [Fact]
    public void Float_quantize_of_a_constant_rounds_half_away_and_clamps()
    {
        var builder = new GraphBuilder();
        int input = builder.Input([4]);
        int constant = builder.Constant<float>(ElementType.Float32, [4], null, 0.25f, -0.25f, 1000f, 1f);
        int quantized = builder.Op(new PlainAttributes(OperatorKind.Quantize), [4], [constant], scale: 0.5f, zeroPoint: 3);
        Graph graph = PassTests.Apply(new ConstantFolding(), builder.Build(builder.AddOp(input, quantized)));
        Assert.Equal(["1:Add"], graph.Operators());
        Assert.Equal([4, 2, 127, 5], graph.Tensors[quantized].Data!.Value.ToArray());
    }

    [Fact]
    public void What_writes_a_model_output_stays()
    {
        var builder = new GraphBuilder();
        _ = builder.Input([2, 3]);
        int constant = builder.Weights([2, 3], 1);
        Graph graph = builder.Build(builder.Op(new TransposeAttributes([1, 0]), [3, 2], [constant]));
        Assert.Same(graph, new ConstantFolding().Run(graph));
    }

    // TFLite fills with zero bytes whatever the zero point of an int16 tensor is.
    [Fact]
    public void Int16_is_padded_with_zero_bytes()
    {
        var builder = new GraphBuilder();
        int constant = builder.Constant<short>(ElementType.Int16, [2], GraphBuilder.Scale(0.5f, 5), 7, 8);
        int padded = builder.Op(new PadAttributes([1], [1]), [4], [constant], 0.5f, 5, ElementType.Int16);
        _ = builder.Input([1]);
        Graph graph = PassTests.Apply(new ConstantFolding(), builder.Build(builder.Op(new PlainAttributes(OperatorKind.Quantize), [4], [padded])));
        Assert.Single(graph.Nodes);
        Assert.Equal([0, 0, 7, 0, 8, 0, 0, 0], graph.Tensors[padded].Data!.Value.ToArray());
    }
}
