using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using NfRuntime.Model.Golden;
using Xunit;

namespace NfRuntime.Model.Tests.Reference;

/// <summary>The whole models: outputs of ten seeds, every operator's output, and real inputs, bit for bit.</summary>
public class GoldenModelTests
{
    private const int Models = 11;

    [Fact]
    public void No_golden_file_is_left_out()
    {
        string folder = SharedData.Require("models/golden");
        Assert.Equal(Models, Directory.GetFiles(folder, "*.json").Length);
        Assert.Equal(Models, Directory.GetFiles(Path.Combine(folder, "layers"), "*.json").Length);
        Assert.Equal(5, Directory.GetFiles(Path.Combine(folder, "samples"), "*.json").Length);
    }

    [Theory]
    [InlineData("ad01_int8")]
    [InlineData("hello_world_int8")]
    [InlineData("keyword_scrambled_8bit")]
    [InlineData("kws_ref_model")]
    [InlineData("mcunet_vww")]
    [InlineData("micro_speech_quantized")]
    [InlineData("mnist_lstm_int8")]
    [InlineData("person_detect")]
    [InlineData("resnet8_ic_int8")]
    [InlineData("simple_add_model")]
    [InlineData("vww_96_int8")]
    public void Outputs_match(string model)
    {
        string models = SharedData.Require("models");
        GoldenFile golden = GoldenFile.Load(Path.Combine(models, "golden", model + ".json"));
        Assert.Equal(10, GoldenRuns.CheckOutputs(Path.Combine(models, model + ".tflite"), golden));
    }

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
        Assert.Equal(outputs, GoldenRuns.CheckLayers(Path.Combine(models, model + ".tflite"), golden));
    }

    [Theory]
    [InlineData("ad01_196x640_int8", 196)]
    [InlineData("mnist_lstm_10x784_int8", 10)]
    [InlineData("person_detect_2x9216_int8", 2)]
    [InlineData("vww_gray_2x9216_int8", 2)]
    public void Real_inputs_match(string samples, int records) => Assert.Equal(records, CheckSamples(samples).Count);

    [Fact]
    public void A_thousand_keywords_match_and_901_are_right()
    {
        IReadOnlyList<byte[]> outputs = CheckSamples("kws01_1000x490_int8");
        Assert.Equal(1000, outputs.Count);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(SharedData.Require("models/samples/samples.json")));
        int[] labels = [.. document.RootElement.GetProperty("kws01_1000x490_int8.bin").GetProperty("labels").EnumerateArray().Select(label => label.GetInt32())];
        Assert.Equal(outputs.Count, labels.Length);
        Assert.Equal(901, outputs.Zip(labels).Count(pair => ArgMax(pair.First) == pair.Second));
    }

    private static IReadOnlyList<byte[]> CheckSamples(string samples)
    {
        string models = SharedData.Require("models");
        return GoldenRuns.CheckSamples(models, GoldenSamples.Load(Path.Combine(models, "golden", "samples", samples + ".json")));
    }

    private static int ArgMax(byte[] output)
    {
        sbyte[] values = Array.ConvertAll(output, value => (sbyte)value);
        return Array.IndexOf(values, values.Max());
    }
}
