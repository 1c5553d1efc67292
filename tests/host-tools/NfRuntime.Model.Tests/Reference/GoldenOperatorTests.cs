using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NfRuntime.Model.Golden;
using NfRuntime.Model.Import;
using Xunit;

namespace NfRuntime.Model.Tests.Reference;

/// <summary>Every single-operator model of the 17 kinds, all cases, bit for bit.</summary>
public class GoldenOperatorTests
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
    public void Matches_every_golden(string kind, int models, int cases)
    {
        string folder = SharedData.Require($"models/ops/{kind}");
        string[] files = Directory.GetFiles(folder, "*.json");
        Assert.Equal(models, files.Length);
        List<string> failures = [];
        int compared = 0;
        foreach (string file in files.Order(StringComparer.Ordinal))
        {
            try
            {
                compared += GoldenRuns.CheckOutputs(Path.ChangeExtension(file, ".tflite"), GoldenFile.Load(file));
            }
            catch (Exception e) when (e is Xunit.Sdk.XunitException or NotSupportedException or ModelImportException)
            {
                failures.Add($"{Path.GetFileName(file)}: {e.Message}");
            }
        }

        Assert.True(failures.Count == 0, $"{failures.Count} of {models} models of {kind} fail:\n{string.Join('\n', failures.Take(8))}");
        Assert.Equal(cases, compared);
    }
}
