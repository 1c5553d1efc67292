using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NfRuntime.Model.Execution;
using NfRuntime.Model.Golden;
using NfRuntime.Model.Passes;
using NfRuntime.Model.Plan;
using Xunit;

namespace NfRuntime.Model.Tests.Execution;

/// <summary>Every single-operator model of the 17 kinds, compiled in both modes, for plain and for packed weights, and run in the engine, all cases, bit for bit.</summary>
public sealed class EngineOperatorTests(RunnerFixture fixture) : IClassFixture<RunnerFixture>
{
    [Theory]
    [InlineData("ADD", 48, 144)]
    [InlineData("AVERAGE_POOL_2D", 48, 144)]
    [InlineData("CONV_2D", 64, 192)]
    [InlineData("DEPTHWISE_CONV_2D", 64, 192)]
    [InlineData("DEQUANTIZE", 48, 144)]
    [InlineData("FULLY_CONNECTED", 64, 192)]
    [InlineData("LOGISTIC", 48, 144)]
    [InlineData("MAX_POOL_2D", 48, 144)]
    [InlineData("MEAN", 48, 144)]
    [InlineData("MUL", 48, 144)]
    [InlineData("PAD", 48, 144)]
    [InlineData("QUANTIZE", 96, 288)]
    [InlineData("RESHAPE", 48, 144)]
    [InlineData("SOFTMAX", 72, 216)]
    [InlineData("SVDF", 48, 255)]
    [InlineData("TRANSPOSE", 48, 144)]
    [InlineData("UNIDIRECTIONAL_SEQUENCE_LSTM", 48, 168)]
    public void Matches_every_golden_in_both_modes(string kind, int models, int cases)
    {
        string[] files = Directory.GetFiles(SharedData.Require($"models/ops/{kind}"), "*.json");
        Assert.Equal(models, files.Length);
        IPlanRunner runner = fixture.Require();
        List<string> failures = [];
        int compared = 0;
        foreach (string file in files.Order(StringComparer.Ordinal))
        {
            foreach ((string target, bool keepAll) in new[] { ("host", false), ("host", true), ("cortex-m4", false), ("cortex-m4", true) })
            {
                try
                {
                    compared += PlanRuns.CheckOutputs(runner, Path.ChangeExtension(file, ".tflite"), GoldenFile.Load(file), keepAll, target);
                }
                catch (Exception e) when (e is Xunit.Sdk.XunitException or CompileException or GraphVerificationException)
                {
                    failures.Add($"{Path.GetFileName(file)}{(keepAll ? ", all kept" : string.Empty)}, for {target}: {e.Message}");
                }
            }
        }

        Assert.True(failures.Count == 0, $"{failures.Count} of {4 * models} runs of {kind} fail:\n{string.Join('\n', failures.Take(8))}");
        Assert.Equal(4 * cases, compared);
    }
}
