using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NfRuntime.Model.Import;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Tests.Import.Building;
using Xunit;

namespace NfRuntime.Model.Tests.Import;

/// <summary>
/// Damaged models: the importer yields a sound graph or problems, never another exception, and allocates in proportion to the file.
/// NFR_TEST_ITERATIONS sets the number of damaged files for each group of models (default 600).
/// </summary>
public class MutationTests
{
    internal static int Iterations { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("NFR_TEST_ITERATIONS"), NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0 ? count : 600;

    [Fact]
    public void Of_models_of_our_own() => Run([.. SampleModels.All.Values.Select(model => model.Build())]);

    [Fact]
    public void Of_the_shared_networks() =>
        Run([.. Directory.GetFiles(SharedData.Require("models"), "*.tflite").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)]);

    [Fact]
    public void Of_the_shared_operators()
    {
        string[] files = Directory.GetFiles(SharedData.Require("models/ops"), "*.tflite", SearchOption.AllDirectories);
        Run([.. files.Order(StringComparer.Ordinal).Select(File.ReadAllBytes)]);
    }

    // Each damage is a list of steps on the bytes of one model; most bytes of a model are weights, so that half of the steps aim
    // at words that look like offsets, counts or indices.
    private static void Run(IReadOnlyList<byte[]> models)
    {
        IReadOnlyList<int[]> targets = [.. models.Select(StructuralWords)];
        Gen<Step> step =
            from kind in Gen.Choose(0, 5)
            from place in Gen.Choose(0, int.MaxValue - 1)
            from value in Gen.Choose(int.MinValue, int.MaxValue)
            select new Step(kind, place, value);
        Gen<(int Model, Step[] Steps)> damage =
            from model in Gen.Choose(0, models.Count - 1)
            from count in Gen.Choose(1, 3)
            from steps in step.ArrayOf(count)
            select (model, steps);

        int imported = 0;
        int refused = 0;
        Prop.ForAll(Arb.From(damage), damaged =>
        {
            byte[] file = models[damaged.Model];
            foreach (Step each in damaged.Steps)
            {
                file = each.Apply(file, targets[damaged.Model]);
            }

            if (ImportsSoundlyAndFrugally(file))
            {
                imported++;
            }
            else
            {
                refused++;
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Iterations));

        // Both must happen, else the damage misses what matters.
        Assert.True(imported > 0 && refused > Iterations / 10, $"{imported} imported, {refused} refused");
    }

    private static bool ImportsSoundlyAndFrugally(byte[] file)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool imported = TfliteImporter.TryImport(file, "damaged", out Graph? graph, out IReadOnlyList<ModelProblem> problems);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(allocated, 0, (64L * file.Length) + (4 << 20));
        Assert.Equal(imported, graph is not null);
        Assert.Equal(imported, problems.Count == 0);
        if (graph is not null)
        {
            ModelFacts.AssertSound(graph);
        }

        return imported;
    }

    // Positions of words that hold small numbers or distances within the file.
    private static int[] StructuralWords(byte[] file)
    {
        int[] words = [.. Enumerable.Range(0, file.Length / 4).Select(word => 4 * word)
            .Where(at => BitConverter.ToUInt32(file, at) is > 0 and var value && value < file.Length - at)];
        return words.Length > 0 ? words : [0];
    }

    /// <summary>One damage. Kinds: flip a bit, set a byte, truncate, splice an offset, inflate a count, move a 16-bit vtable entry.</summary>
    private sealed record Step(int Kind, int Where, int Value)
    {
        public byte[] Apply(byte[] file, int[] targets)
        {
            if (file.Length < 8)
            {
                return file;
            }

            if (Kind == 2)
            {
                return file[..(Where % file.Length)];
            }

            byte[] copy = [.. file];
            int anywhere = Where % (copy.Length - 4);
            int target = Math.Min(targets[Where % targets.Length], copy.Length - 4);
            switch (Kind)
            {
                case 0:
                    copy[anywhere] ^= (byte)(1 << (Value & 7));
                    break;
                case 1:
                    copy[target + (Value & 3)] = (byte)(Value >> 8);
                    break;
                case 3:
                    BitConverter.TryWriteBytes(copy.AsSpan(target), (uint)Value % (uint)copy.Length);
                    break;
                case 4:
                    BitConverter.TryWriteBytes(copy.AsSpan(target), (Value & 1) == 0 ? Value : BitConverter.ToInt32(copy, target) + ((Value >> 1) % 16));
                    break;
                default:
                    BitConverter.TryWriteBytes(copy.AsSpan(target), (ushort)(Value % 64));
                    break;
            }

            return copy;
        }
    }
}
