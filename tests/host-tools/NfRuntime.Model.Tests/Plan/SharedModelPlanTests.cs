using System.IO;
using System.Linq;
using NfRuntime.Model.Import;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan;
using Xunit;

namespace NfRuntime.Model.Tests.Plan;

/// <summary>Arena, size and time of the shared models' plans against the numbers they must keep.</summary>
public class SharedModelPlanTests(ITestOutputHelper output)
{
    // Head: activations and scratch of TFLM with CMSIS-NN on Cortex-M4 (measured by others; facts of this project); 0 = not known.
    public static TheoryData<string, long> Heads => new()
    {
        { "ad01_int8", 768 },
        { "hello_world_int8", 0 },
        { "keyword_scrambled_8bit", 0 },
        { "kws_ref_model", 16_000 },
        { "mcunet_vww", 161_472 },
        { "micro_speech_quantized", 0 },
        { "mnist_lstm_int8", 0 },
        { "person_detect", 55_296 },
        { "resnet8_ic_int8", 49_728 },
        { "simple_add_model", 0 },
        { "vww_96_int8", 73_728 },
    };

    public static TheoryData<string> Models => [.. Heads.Select(row => row.Data.Item1)];

    [Theory]
    [MemberData(nameof(Heads))]
    public void Memory_is_at_or_below_the_peer_s(string model, long head)
    {
        PlanReport report = Compile(model, keepAll: false).Report;
        output.WriteLine($"{model}: arena {report.ArenaBytes}, state {report.StateBytes}, bound {report.LivenessBound}, peer {head}");
        Assert.Equal(report.LivenessBound, report.ArenaBytes);
        Assert.True(head == 0 || report.ArenaBytes + report.StateBytes <= head, $"{report.ArenaBytes} + {report.StateBytes} bytes, the peer {head}");
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void The_plan_is_hardly_larger_than_the_model_s_constants(string model)
    {
        PlanReport report = Compile(model, keepAll: false).Report;
        output.WriteLine($"{model}: plan {report.PlanBytes}, model's constants {report.ModelConstantBytes}, ratio {report.SizeRatio:F3}, overhead {report.OverheadBytes}");
        Assert.True(report.PlanBytes <= (1.15 * report.ModelConstantBytes) + 1024, $"{report.PlanBytes} bytes for {report.ModelConstantBytes}");
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void The_blob_reads_back_and_is_the_same_each_time(string model)
    {
        foreach (bool keepAll in new[] { false, true })
        {
            CompiledPlan plan = Compile(model, keepAll);
            PlanImage image = PlanReader.Read(plan.Blob.Span);
            Assert.Equal(plan.Blob.ToArray(), PlanWriter.Write(image));
            Assert.Equal(plan.Blob.ToArray(), Compile(model, keepAll).Blob.ToArray());
            Assert.Equal(plan.Report.ArenaBytes, image.ArenaBytes);
            Assert.Equal(plan.Operators.Select(op => (op.Kind, op.SourceOperator)), image.Operators.Select(op => (op.Kind, op.SourceOperator)));
        }

    }

    // What is streamed has fewer rows in the arena than in all, and each plan reads back with its chains.
    [Theory]
    [InlineData("resnet8_ic_int8", 34_656)]
    [InlineData("person_detect", 37_248)]
    [InlineData("vww_96_int8", 37_248)]
    public void Streamed_chains_take_less_than_the_largest_operator(string model, long without)
    {
        var options = new CompileOptions { Target = TargetDescription.ByName("cortex-m4"), Streaming = Streaming.Balanced };
        CompiledPlan plan = ModelCompiler.Compile(Import(model), options);
        PlanImage image = PlanReader.Read(plan.Blob.Span);
        output.WriteLine($"{model}: arena {plan.Report.ArenaBytes} with chains, {without} without");
        Assert.True(plan.Report.ArenaBytes < 0.8 * without, $"{plan.Report.ArenaBytes} bytes");
        Assert.Equal(plan.Blob.ToArray(), PlanWriter.Write(image));
        Assert.Contains(image.Operators, op => op.Kind == PlanKind.Chain);
        Assert.Equal(plan.Operators.Count(op => !op.HasOutput && op.Kind != PlanKind.Chain), image.Operators.Count(op => image.Tensors[op.Output].Rows > 0));
        Assert.All(image.Tensors.Where(tensor => tensor.Rows > 0), tensor => Assert.True(tensor.HeldRows >= 1 && tensor.HeldRows <= tensor.Rows && tensor.Bytes % tensor.HeldRows == 0));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Keeping_all_tensors_gives_one_record_a_source_operator_in_order(string model)
    {
        Graph graph = Import(model);
        CompiledPlan plan = ModelCompiler.Compile(graph, new CompileOptions { KeepAllTensors = true });
        Assert.Equal(Enumerable.Range(0, graph.Nodes.Count), plan.Operators.Select(op => op.SourceOperator));
        Assert.Equal(0, plan.Report.InPlaceOperators);
    }

    private static CompiledPlan Compile(string model, bool keepAll) =>
        ModelCompiler.Compile(Import(model), new CompileOptions { KeepAllTensors = keepAll });

    private static Graph Import(string model) => TfliteImporter.Import(File.ReadAllBytes(SharedData.Require($"models/{model}.tflite")), model);
}
