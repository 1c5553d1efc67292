using System.IO;
using NfRuntime.Model.Golden;
using Xunit;

namespace NfRuntime.Model.Tests.Execution;

/// <summary>The whole models, compiled and run in the engine: outputs, every operator's output, real inputs, bit for bit.</summary>
public sealed class EngineModelTests(RunnerFixture fixture) : IClassFixture<RunnerFixture>
{
    public static TheoryData<string> Models =>
    [
        "ad01_int8", "hello_world_int8", "keyword_scrambled_8bit", "kws_ref_model", "mcunet_vww", "micro_speech_quantized",
        "mnist_lstm_int8", "person_detect", "resnet8_ic_int8", "simple_add_model", "vww_96_int8",
    ];

    [Theory]
    [MemberData(nameof(Models))]
    public void Outputs_match(string model) => Assert.Equal(10, CheckOutputs(model, keepAll: false));

    [Theory]
    [MemberData(nameof(Models))]
    public void Outputs_match_when_all_tensors_are_kept(string model) => Assert.Equal(10, CheckOutputs(model, keepAll: true));

    [Theory]
    [InlineData("ad01_int8", 30)]
    [InlineData("hello_world_int8", 9)]
    [InlineData("keyword_scrambled_8bit", 45)]
    [InlineData("kws_ref_model", 39)]
    [InlineData("mcunet_vww", 189)]
    [InlineData("micro_speech_quantized", 12)]
    [InlineData("mnist_lstm_int8", 12)]
    [InlineData("person_detect", 93)]
    [InlineData("resnet8_ic_int8", 48)]
    [InlineData("simple_add_model", 3)]
    [InlineData("vww_96_int8", 93)]
    public void Every_operator_matches(string model, int outputs)
    {
        string models = SharedData.Require("models");
        GoldenFile golden = GoldenFile.Load(Path.Combine(models, "golden", "layers", model + ".json"));
        Assert.Equal(outputs, PlanRuns.CheckLayers(fixture.Require(), Path.Combine(models, model + ".tflite"), golden));
    }

    [Theory]
    [InlineData("ad01_196x640_int8", 196)]
    [InlineData("kws01_1000x490_int8", 1000)]
    [InlineData("mnist_lstm_10x784_int8", 10)]
    [InlineData("person_detect_2x9216_int8", 2)]
    [InlineData("vww_gray_2x9216_int8", 2)]
    public void Real_inputs_match(string samples, int records)
    {
        string models = SharedData.Require("models");
        GoldenSamples golden = GoldenSamples.Load(Path.Combine(models, "golden", "samples", samples + ".json"));
        Assert.Equal(records, PlanRuns.CheckSamples(fixture.Require(), models, golden));
    }

    private int CheckOutputs(string model, bool keepAll)
    {
        string models = SharedData.Require("models");
        GoldenFile golden = GoldenFile.Load(Path.Combine(models, "golden", model + ".json"));
        return PlanRuns.CheckOutputs(fixture.Require(), Path.Combine(models, model + ".tflite"), golden, keepAll);
    }
}
