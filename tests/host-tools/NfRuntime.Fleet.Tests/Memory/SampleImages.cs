using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using NfRuntime.Images;
using NfRuntime.Images.Building;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Oci;
using NfRuntime.Images.Signing;

namespace NfRuntime.Fleet.Tests.Memory;

/// <summary>Images whose sections are any bytes: the controller never looks into them.</summary>
internal static class SampleImages
{
    /// <summary>Keys that anybody can compute: TEST ONLY.</summary>
    public static SigningKey Root { get; } = Key("root");

    public static SigningKey Publisher { get; } = Key("publisher");

    public static byte[] KeyList(uint version, SigningKey? root = null) =>
        KeyListFile.Write(new KeyList(version, [new PublisherKey(Publisher.PublicKey, [""])], []), root ?? Root);

    public static byte[] Plan(int seed, int bytes = 20_000, int changedTail = 0)
    {
        byte[] plan = new byte[bytes];
        new Random(7).NextBytes(plan);
        new Random(seed).NextBytes(plan.AsSpan(bytes - changedTail));
        return plan;
    }

    /// <summary>Puts an image <c>name:version</c> into the store; returns the manifest's digest for the first target.</summary>
    public static Digest Add(ImageStore store, string name, string version, byte[] plan, uint arena = 1024, params string[] targets)
    {
        BuiltImage image = CapsuleImageBuilder.Build(Input(name, version, plan, arena, targets.Length == 0 ? ["host"] : targets), Publisher);
        store.Add((image.Content, [ImageReference.Parse($"{name}:{version}")]));
        CapsuleImage read = CapsuleImage.Read(store, store.Find($"{name}:{version}").Root);
        return read.Variants[0].Layers[0].Digest;
    }

    private static CapsuleBuildInput Input(string name, string version, byte[] plan, uint arena, IReadOnlyList<string> targets) => new()
    {
        Name = name,
        Version = version,
        SecurityCounter = 1,
        SdkVersion = "nf-runtime 0.1.0",
        CompilerVersion = "0.1.0",
        ModelName = "model.tflite",
        ModelDigest = Digest.Of(plan),
        Variants = [.. targets.Select(target => new VariantInput
        {
            Target = target,
            Plan = plan,
            Engine = new EngineRequirement(1, 0, 1, 0, 1),
            Needs = new CapsuleNeeds(0, arena, 0, 512, 0, 0),
            Operators = OperatorSet.Of(1, 3),
            Labels = ["one", "two"],
        })],
    };

    private static SigningKey Key(string name) => SigningKey.FromScalar(SHA256.HashData(Encoding.ASCII.GetBytes($"nf-runtime test key, never for use: {name}")));
}
