using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan;
using Xunit;

namespace NfRuntime.Model.Tests.Plan;

public class ModelCompilerTests
{
    [Fact]
    public void The_output_takes_the_place_of_an_input_that_dies()
    {
        var b = new GraphBuilder();
        PlanImage image = Read(b.Build(b.Logistic(b.Input([1, 32]))));
        Assert.Equal(32u, image.ArenaBytes);
        Assert.Equal(image.Operators[0].Inputs[0], image.Operators[0].Output);
    }

    [Fact]
    public void An_input_that_is_read_again_keeps_its_place()
    {
        var b = new GraphBuilder();
        int input = b.Input([1, 32]);
        PlanImage image = Read(b.Build(b.AddOp(b.Logistic(input), input)));
        Assert.NotEqual(image.Operators[0].Inputs[0], image.Operators[0].Output);
        Assert.Equal(64u, image.ArenaBytes);
    }

    [Fact]
    public void A_model_output_is_not_overwritten()
    {
        var b = new GraphBuilder();
        int first = b.Logistic(b.Input([1, 32]));
        PlanImage image = Read(b.Build(first, b.Logistic(first)));
        Assert.NotEqual(image.Outputs[0].Tensor, image.Outputs[1].Tensor);
        Assert.Equal(64u, image.ArenaBytes);
    }

    [Fact]
    public void A_broadcast_operand_is_not_computed_in_place()
    {
        var b = new GraphBuilder();
        int row = b.Input([1, 32]);
        int column = b.Input([4, 1]);
        int sum = b.Op(new ElementwiseAttributes(OperatorKind.Mul, Activation.None), [4, 32], [row, column]);
        CompiledPlan plan = ModelCompiler.Compile(b.Build(sum), new CompileOptions());
        Assert.Equal(0, plan.Report.InPlaceOperators);
        Assert.Equal(32 + 16 + 128, plan.Report.ArenaBytes);
    }

    [Fact]
    public void A_reshape_costs_no_operator_unless_all_tensors_are_kept()
    {
        var b = new GraphBuilder();
        Graph graph = b.Build(b.Logistic(b.Reshape(b.Logistic(b.Input([1, 32])), [4, 8])));
        Assert.Equal([PlanKind.Lut, PlanKind.Lut], Kinds(graph, keepAll: false));
        Assert.Equal([PlanKind.Lut, PlanKind.Copy, PlanKind.Lut], Kinds(graph, keepAll: true));
    }

    [Fact]
    public void Equal_constants_are_stored_once()
    {
        var b = new GraphBuilder();
        int input = b.Input([1, 2, 2, 4]);
        int[] filter = [4, 1, 1, 4];
        var attributes = new Conv2DAttributes(1, 1, 1, 1, 0, 0, Activation.None);
        int first = b.Op(attributes, [1, 2, 2, 4], [input, b.Weights(filter, 1)]);
        int second = b.Op(attributes, [1, 2, 2, 4], [first, b.Weights(filter, 1)]);
        CompiledPlan plan = ModelCompiler.Compile(b.Build(second), new CompileOptions());

        // 16 weights, one multiplier, one shift: once.
        Assert.Equal(16 + 4 + 1, plan.Report.ConstantBytes);
        Assert.Equal(32, plan.Report.WeightBytes);
    }

    [Fact]
    public void A_fused_pad_carries_the_convolution_s_source_index()
    {
        CompiledPlan plan = ModelCompiler.Compile(VectorGraphs.All["convolution"], new CompileOptions());
        Assert.Equal((PlanKind.Conv2D, 1, "CONV_2D"), (plan.Operators[0].Kind, plan.Operators[0].SourceOperator, plan.Operators[0].SourceName));
    }

    [Fact]
    public void Broadcasts_of_rank_six_are_merged_to_four()
    {
        var b = new GraphBuilder();
        int a = b.Input([2, 3, 2, 2, 1, 2]);
        int c = b.Input([2, 2, 3, 2]);
        PlanImage image = Read(b.Build(b.Op(new ElementwiseAttributes(OperatorKind.Add, Activation.None), [2, 3, 2, 2, 3, 2], [a, c])));
        ReadOnlySpan<byte> parameters = image.Operators[0].Parameters.Span;
        Assert.Equal([6, 4, 3, 2], Dims(parameters));
        Assert.Equal((0b0100, 0b0001), (parameters[16], parameters[17]));
    }

    [Fact]
    public void A_broadcast_that_needs_five_dimensions_is_refused_by_name()
    {
        var b = new GraphBuilder();
        int a = b.Input([2, 1, 2, 1, 2]);
        int c = b.Input([1, 3, 1, 3, 1]);
        Graph graph = b.Build(b.Op(new ElementwiseAttributes(OperatorKind.Add, Activation.None), [2, 3, 2, 3, 2], [a, c]));
        var e = Assert.Throws<CompileException>(() => ModelCompiler.Compile(graph, new CompileOptions()));
        Assert.Equal("operator 0 (ADD): its broadcast needs 5 dimensions after merging; 4 are possible", e.Message);
        Assert.Equal(0, e.SourceOperator);
    }

    [Fact]
    public void Weights_that_are_no_constant_are_refused_by_name()
    {
        var b = new GraphBuilder();
        int input = b.Input([1, 4]);
        Graph graph = b.Build(b.Op(new FullyConnectedAttributes(Activation.None, false), [1, 2], [input, b.Input([2, 4])]));
        var e = Assert.Throws<CompileException>(() => ModelCompiler.Compile(graph, new CompileOptions()));
        Assert.Equal("operator 0 (FULLY_CONNECTED): the weights tensor is not a constant", e.Message);
    }

    [Fact]
    public void A_dimension_beyond_its_field_is_refused_by_name()
    {
        var b = new GraphBuilder();
        Graph graph = b.Build(b.Pointwise(b.Input([1, 70_000, 1, 1]), 1));
        var e = Assert.Throws<CompileException>(() => ModelCompiler.Compile(graph, new CompileOptions()));
        Assert.Equal("operator 0 (CONV_2D): a dimension or parameter exceeds its field in the plan", e.Message);
    }

    [Fact]
    public void Nine_inputs_are_refused()
    {
        var b = new GraphBuilder();
        int sum = b.Input([4]);
        for (int i = 0; i < 8; i++)
        {
            sum = b.AddOp(sum, b.Input([4]));
        }

        var e = Assert.Throws<CompileException>(() => ModelCompiler.Compile(b.Build(sum), new CompileOptions()));
        Assert.Equal("the plan has 9 inputs; 1 to 8 are possible", e.Message);
    }

    [Fact]
    public void Too_many_operators_are_refused()
    {
        var b = new GraphBuilder();
        int last = b.Input([4]);
        for (int i = 0; i <= PlanFormat.MaxOperators; i++)
        {
            last = b.Logistic(last);
        }

        var e = Assert.Throws<CompileException>(() => ModelCompiler.Compile(b.Build(last), new CompileOptions()));
        Assert.Equal("the plan has more than 512 operators", e.Message);
    }

    // Far more sets of operators than the ordering looks at, and a planner that cannot try every order.
    [Fact]
    public void Many_parallel_branches_compile_and_plans_stay_sound()
    {
        var b = new GraphBuilder();
        int input = b.Input([1, 4, 4, 2]);
        int sum = Enumerable.Range(0, 16).Select(i => b.Pointwise(b.Pointwise(b.Pointwise(input, 1 + i), 17 - i), 2)).ToArray().Aggregate(b.AddOp);
        PlanReport report = ModelCompiler.Compile(b.Build(sum), new CompileOptions()).Report;
        Assert.Equal((63, report.LivenessBound), (report.Rows.Count, report.ArenaBytes));
    }

    [Fact]
    public void Targets_are_found_by_name()
    {
        Assert.Equal("arm", TargetDescription.ByName("cortex-m4").Architecture);
        Assert.Contains("cortex-m55", Assert.Throws<CompileException>(() => TargetDescription.ByName("z80")).Message, StringComparison.Ordinal);
    }

    private static IEnumerable<PlanKind> Kinds(Graph graph, bool keepAll) =>
        ModelCompiler.Compile(graph, new CompileOptions { KeepAllTensors = keepAll }).Operators.Select(op => op.Kind);

    private static PlanImage Read(Graph graph) => PlanReader.Read(ModelCompiler.Compile(graph, new CompileOptions()).Blob.Span);

    private static uint[] Dims(ReadOnlySpan<byte> parameters)
    {
        var dims = new uint[4];
        for (int d = 0; d < dims.Length; d++)
        {
            dims[d] = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(parameters[(d * 4)..]);
        }

        return dims;
    }
}
