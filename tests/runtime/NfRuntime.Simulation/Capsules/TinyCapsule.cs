using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Signing;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan;
using NfRuntime.Model.Reference;
using NfRuntime.Model.Tests.Plan;

namespace NfRuntime.Simulation.Capsules;

/// <summary>What is wrong with a capsule.</summary>
internal enum Flaw
{
    None,
    WrongVectors,
    UnknownKey,
    RevokedKey,
    OtherName,
    OtherTarget,
    TooLarge,
    BrokenManifest,

    /// <summary>Its inferences fail: the simulated application feeds it samples of a wrong size.</summary>
    FailsInTrial,

    /// <summary>The device crashes when it serves.</summary>
    Crashes,

    /// <summary>The right sizes and wrong bytes come for its model.</summary>
    WrongBytes,
}

/// <summary>What a capsule is like, other than most.</summary>
internal sealed record TinyForm
{
    /// <summary>A managed section that does all processing.</summary>
    public byte[]? Managed { get; init; }

    /// <summary>No processing is declared: int8 values go in and come out.</summary>
    public bool IsBare { get; init; }

    /// <summary>The model adds two inputs, of which processing is declared for the first.</summary>
    public bool HasTwoInputs { get; init; }

    public uint DeadlineMilliseconds { get; init; }
}

/// <summary>A capsule of one fully connected operator, some 2 KB: real plan, real vectors, really signed.</summary>
internal sealed class TinyCapsule
{
    public const int Inputs = 64;
    public const int Classes = 16;

    private readonly byte[] _decisions;
    private readonly TinyForm _form;

    /// <param name="publisher">Who signs.</param>
    /// <param name="name">Of the capsule.</param>
    /// <param name="counter">Security counter, the version's first number.</param>
    /// <param name="seed">Of the weights, the version's second number.</param>
    /// <param name="flaw">What is wrong with it.</param>
    /// <param name="form">What else is not as usual.</param>
    /// <param name="padding">Bytes of weights more, about, in a hidden layer that takes a byte of arena for each 80 of them.</param>
    public TinyCapsule(Publisher publisher, string name, uint counter, int seed, Flaw flaw = Flaw.None, int padding = 0, TinyForm? form = null)
    {
        _form = form ?? new TinyForm();
        Flaw = flaw;
        Name = name;
        Counter = counter;
        Version = $"{counter}.{seed}";
        var builder = new GraphBuilder();
        int input = builder.Input([1, Inputs], 0.5f, 0);
        int features = Inputs;
        if (_form.HasTwoInputs)
        {
            input = builder.Op(new ElementwiseAttributes(OperatorKind.Add, Activation.None), [1, Inputs], [input, builder.Input([1, Inputs], 0.5f, 0)], 1f, 0);
        }

        if (padding > 0)
        {
            features = padding / (Inputs + Classes);
            input = builder.Op(new FullyConnectedAttributes(Activation.None, false), [1, features], [input, builder.Weights([features, Inputs], seed + 1), builder.Bias(new int[features])], 64f, 0);
        }

        int weights = builder.Weights([Classes, features], seed);
        Graph graph = builder.Build(builder.Op(new FullyConnectedAttributes(Activation.None, false), [1, Classes], [input, weights, builder.Bias([.. Enumerable.Range(0, Classes).Select(i => i * seed % 7)])], 64f, 0));
        CompiledPlan plan = ModelCompiler.Compile(graph, new CompileOptions());
        Model = plan.Blob.ToArray();
        Vectors = MakeVectors(graph, plan, Given, flaw == Flaw.WrongVectors);
        _decisions = [.. Enumerable.Range(0, 8).Select(i => Decide(graph, Given(i)))];
        SigningKey key = flaw == Flaw.UnknownKey ? publisher.Unknown : flaw == Flaw.RevokedKey ? publisher.Revoked : publisher.Key;
        Manifest = ManifestWriter.Write(Describe(flaw == Flaw.OtherName ? name + "-other" : name, counter, plan, flaw), key);
        if (flaw == Flaw.BrokenManifest)
        {
            Manifest[^1] ^= 1;
        }
    }

    public Flaw Flaw { get; }

    /// <summary>Whether the device has to find out before it serves.</summary>
    public bool MustNeverServe => Flaw is not (Flaw.None or Flaw.FailsInTrial or Flaw.Crashes);

    public string Name { get; }

    /// <summary>Security counter.</summary>
    public uint Counter { get; }

    public string Version { get; }

    public byte[] Model { get; }

    public byte[] Vectors { get; }

    public byte[] Manifest { get; }

    public byte[] Digest => SHA256.HashData(Manifest);

    /// <summary>What a distributor serves under the digests of manifest and sections.</summary>
    public IEnumerable<(byte[] Digest, byte[] Bytes)> Blobs()
    {
        yield return (Digest, Manifest);
        yield return (SHA256.HashData(Model), Flaw == Flaw.WrongBytes ? [.. Model.Select(b => (byte)(b ^ 0x10))] : Model);
        yield return (SHA256.HashData(Vectors), Vectors);
        if (_form.Managed is not null)
        {
            yield return (SHA256.HashData(_form.Managed), _form.Managed);
        }
    }

    /// <summary>Sample 0 … 7.</summary>
    public static byte[] Sample(int number) => [.. Enumerable.Range(0, Inputs).Select(i => (byte)(sbyte)(((i * 13) + (number * 41)) % 101 - 50))];

    /// <summary>What the reference decides for <see cref="Sample"/>.</summary>
    public int Decision(int sample) => _decisions[sample];

    private System.ReadOnlyMemory<byte>[] Given(int sample) => _form.HasTwoInputs ? [Sample(sample), Sample(sample)] : [Sample(sample)];

    private static byte Decide(Graph graph, System.ReadOnlyMemory<byte>[] given)
    {
        byte[] output = new ReferenceEvaluator(graph).Invoke(given)[0];
        int best = 0;
        for (int i = 1; i < output.Length; i++)
        {
            best = (sbyte)output[i] > (sbyte)output[best] ? i : best;
        }

        return (byte)best;
    }

    private static byte[] MakeVectors(Graph graph, CompiledPlan plan, System.Func<int, System.ReadOnlyMemory<byte>[]> given, bool isWrong)
    {
        List<GoldenVector> cases = [];
        for (int i = 0; i < 2; i++)
        {
            Dictionary<int, uint> checksums = [];
            byte[] output = new ReferenceEvaluator(graph).Invoke(given(i), (node, _, bytes) => checksums[node.SourceIndex] = NfRuntime.Model.Golden.Crc32.Of(bytes))[0];
            uint error = isWrong && i == 1 ? 1u : 0;
            cases.Add(new GoldenVector(true, given(i).SelectMany(g => g.ToArray()).ToArray(), output, [.. plan.Operators.Select(o => checksums[o.SourceOperator] ^ error)]));
        }

        return VectorsFile.Write(new GoldenVectors(Inputs * given(0).Length, Classes, plan.Operators.Count, cases));
    }

    private CapsuleManifest Describe(string name, uint counter, CompiledPlan plan, Flaw flaw) => new()
    {
        Name = name,
        Version = Version,
        SecurityCounter = counter,
        Target = flaw == Flaw.OtherTarget ? "cortex-m55" : "host",
        Engine = new EngineRequirement(1, 0, 1, 0, 1),
        Needs = new CapsuleNeeds((uint)plan.Report.StateBytes, flaw == Flaw.TooLarge ? 1u << 20 : (uint)plan.Report.ArenaBytes, 0, 2048, _form.DeadlineMilliseconds, 0),
        Operators = OperatorSet.Of(plan.Operators.Select(o => (int)o.Kind)),
        Sections = _form.Managed is null
            ? [SectionEntry.Of(SectionKind.Model, Model), SectionEntry.Of(SectionKind.Vectors, Vectors)]
            : [SectionEntry.Of(SectionKind.Model, Model), SectionEntry.Of(SectionKind.Managed, _form.Managed), SectionEntry.Of(SectionKind.Vectors, Vectors)],
        Processor = _form.Managed is null ? null : "Test.Processor",
        Pre = _form.Managed is not null || _form.IsBare ? [] : [new PreProcessing { Input = 0, Source = SampleSource.Int8, Channels = [new IntegerAffine(1, 0, 0)] }],
        Post = _form.Managed is not null || _form.IsBare ? null : new PostProcessing { Output = 0, TopK = 1, Scale = 64f, ZeroPoint = 0 },
    };
}
