using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Signing;
using NfRuntime.Model.Import;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan;
using NfRuntime.Model.Reference;

namespace NfRuntime.Runtime.Tests;

/// <summary>A capsule of samples/fashion made in memory: compiled, with vectors of the reference evaluator, signed by a fresh key.</summary>
internal sealed class SignedCapsule : IDisposable
{
    private readonly SigningKey _root;
    private readonly SigningKey _publisher;

    /// <param name="name">The signed name.</param>
    /// <param name="counter">The security counter.</param>
    /// <param name="wrongOperator">Index of the operator whose checksum in the second vector is wrong; −1 for none.</param>
    /// <param name="model">v1 or v2.</param>
    /// <param name="sibling">A capsule whose keys sign this one too, and which is disposed later; null: fresh keys.</param>
    public SignedCapsule(string name = "fashion", uint counter = 3, int wrongOperator = -1, string model = "v1", SignedCapsule? sibling = null)
    {
        _root = sibling?._root ?? SigningKey.Generate();
        _publisher = sibling?._publisher ?? SigningKey.Generate();
        Graph = TfliteImporter.Import(File.ReadAllBytes(Path.Combine(DeviceAssemblies.Root, "samples", "fashion", model, $"fashion_{model}.tflite")), $"fashion_{model}");
        CompiledPlan plan = ModelCompiler.Compile(Graph, new CompileOptions());
        Plan = plan.Blob.ToArray();
        Labels = LabelsFile.Write([.. Enumerable.Range(0, 10).Select(i => $"class {i}")]);
        Vectors = MakeVectors(plan, wrongOperator);
        Manifest = ManifestWriter.Write(Describe(name, counter, plan), _publisher);
        KeyList = MakeKeyList(7);
    }

    public Graph Graph { get; }

    public byte[] Plan { get; }

    public byte[] Labels { get; }

    public byte[] Vectors { get; }

    public byte[] Manifest { get; }

    public byte[] KeyList { get; }

    public byte[] RootKey => _root.PublicKey.Bytes.ToArray();

    /// <summary>A key list of another version.</summary>
    public byte[] MakeKeyList(uint version) => KeyListFile.Write(new KeyList(version, [new PublisherKey(_publisher.PublicKey, ["fashion"])], []), _root);

    /// <summary>Image <paramref name="index"/> of the sample, 784 unsigned bytes.</summary>
    public static byte[] Image(int index) =>
        File.ReadAllBytes(Directory.GetFiles(Path.Combine(DeviceAssemblies.Root, "samples", "fashion", "images"), "*.raw").Order(StringComparer.Ordinal).ElementAt(index));

    /// <summary>The first image for which two capsules give other outputs.</summary>
    public static byte[] Disputed(SignedCapsule first, SignedCapsule second) =>
        Enumerable.Range(0, 20).Select(Image).First(image => !first.Expected(image).SequenceEqual(second.Expected(image)));

    /// <summary>The int8 output that the oracle gives for an image.</summary>
    public sbyte[] Expected(byte[] image)
    {
        byte[] tensor = [.. image.Select(p => (byte)(p - 128))];
        var evaluator = new ReferenceEvaluator(Graph);
        return [.. evaluator.Invoke([tensor])[0].Select(b => (sbyte)b)];
    }

    public void Dispose()
    {
        _root.Dispose();
        _publisher.Dispose();
    }

    private byte[] MakeVectors(CompiledPlan plan, int wrongOperator)
    {
        List<GoldenVector> cases = [];
        for (int i = 0; i < 3; i++)
        {
            byte[] tensor = [.. Image(i).Select(p => (byte)(p - 128))];
            Dictionary<int, uint> checksums = [];
            byte[] output = new ReferenceEvaluator(Graph).Invoke([tensor], (node, _, bytes) => checksums[node.SourceIndex] = NfRuntime.Model.Golden.Crc32.Of(bytes))[0];
            cases.Add(new GoldenVector(true, tensor, output, [.. plan.Operators.Select(o => checksums[o.SourceOperator] ^ (i == 1 && o.Index == wrongOperator ? 1u : 0))]));
        }

        return VectorsFile.Write(new GoldenVectors(784, 10, plan.Operators.Count, cases));
    }

    private CapsuleManifest Describe(string name, uint counter, CompiledPlan plan) => new()
    {
        Name = name,
        Version = "1.0.0",
        SecurityCounter = counter,
        Target = "host",
        Engine = new EngineRequirement(1, 0, 1, 0, 1),
        Needs = new CapsuleNeeds((uint)plan.Report.StateBytes, (uint)plan.Report.ArenaBytes, 0, 2048, 0, 0),
        Operators = OperatorSet.Of(plan.Operators.Select(o => (int)o.Kind)),
        Sections = [SectionEntry.Of(SectionKind.Model, Plan), SectionEntry.Of(SectionKind.Vectors, Vectors), SectionEntry.Of(SectionKind.Labels, Labels)],
        Pre = [new PreProcessing { Input = 0, Source = SampleSource.UInt8, Channels = [new IntegerAffine(1, 0, -128)] }],
        Post = new PostProcessing { Output = 0, TopK = 3, Labelled = true, Scale = 1f / 256, ZeroPoint = -128 },
    };
}
