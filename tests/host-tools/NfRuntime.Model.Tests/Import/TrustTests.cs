using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NfRuntime.Model.Golden;
using NfRuntime.Model.Import;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Reference;
using NfRuntime.Model.Tests.Import.Building;
using Xunit;

namespace NfRuntime.Model.Tests.Import;

/// <summary>
/// What imports can be trusted: the evaluator prepares and runs it without complaint, whatever damage made the model what it is.
/// </summary>
public class TrustTests
{
    private const int MaxTensorBytes = 1 << 14;

    [Fact]
    public void Damaged_models_that_import_also_run() => Run([.. SampleModels.All.Values.Select(model => model.Build())]);

    [Fact]
    public void Damaged_shared_operators_that_import_also_run()
    {
        string root = SharedData.Require("models/ops");
        Run([.. Enum.GetValues<OperatorKind>()
            .SelectMany(kind => Directory.GetFiles(Path.Combine(root, ModelFacts.SchemaName(kind)), "*.tflite").Order(StringComparer.Ordinal).Where((_, index) => index % 5 == 0))
            .Select(File.ReadAllBytes)]);
    }

    // One byte at a time, so that many of the damaged models still import: other scales, zero points, options, shapes.
    private static void Run(IReadOnlyList<byte[]> models)
    {
        Gen<(int Model, int Place, int Value)> damage =
            from model in Gen.Choose(0, models.Count - 1)
            from place in Gen.Choose(0, int.MaxValue - 1)
            from value in Gen.Choose(1, 255)
            select (model, place, value);
        int ran = 0;
        Prop.ForAll(Arb.From(damage), damaged =>
        {
            byte[] file = [.. models[damaged.Model]];
            file[damaged.Place % file.Length] ^= (byte)damaged.Value;
            if (TfliteImporter.TryImport(file, "damaged", out Graph? graph, out _) && graph.Tensors.All(tensor => tensor.ByteSize <= MaxTensorBytes))
            {
                new ReferenceEvaluator(graph).Invoke([.. LcgInput.ForGraph(graph, 1).Select(bytes => new ReadOnlyMemory<byte>(bytes))]);
                ran++;
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(MutationTests.Iterations));
        Assert.True(ran > MutationTests.Iterations / 20, $"only {ran} ran");
    }
}
