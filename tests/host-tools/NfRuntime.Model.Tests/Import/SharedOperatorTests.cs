using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NfRuntime.Model.Import;
using NfRuntime.Model.Ir;
using Xunit;

namespace NfRuntime.Model.Tests.Import;

/// <summary>The 2,208 single-operator models: those of the IR's operators import, the others are refused by name.</summary>
public class SharedOperatorTests
{
    [Fact]
    public void Every_model_of_a_supported_operator_imports()
    {
        string root = SharedData.Require("models/ops");
        int models = 0;
        foreach (OperatorKind kind in Enum.GetValues<OperatorKind>())
        {
            foreach (string file in Directory.GetFiles(Path.Combine(root, ModelFacts.SchemaName(kind)), "*.tflite"))
            {
                Graph graph = TfliteImporter.Import(File.ReadAllBytes(file), Path.GetFileNameWithoutExtension(file));
                Assert.Equal(kind, Assert.Single(graph.Nodes).Kind);
                ModelFacts.AssertSound(graph);
                models++;
            }
        }

        Assert.Equal(936, models);
    }

    [Fact]
    public void Every_other_operator_is_refused_by_name()
    {
        HashSet<string> supported = [.. Enum.GetValues<OperatorKind>().Select(ModelFacts.SchemaName)];
        string[] folders = [.. Directory.GetDirectories(SharedData.Require("models/ops")).Where(folder => !supported.Contains(Path.GetFileName(folder)))];
        Assert.NotEmpty(folders);
        foreach (string file in folders.SelectMany(folder => Directory.GetFiles(folder, "*.tflite")))
        {
            Assert.False(TfliteImporter.TryImport(File.ReadAllBytes(file), "model", out _, out IReadOnlyList<ModelProblem> problems));
            Assert.Equal($"operator 0 ({Path.GetFileName(Path.GetDirectoryName(file))}) is not supported", Assert.Single(problems).ToString());
        }
    }
}
