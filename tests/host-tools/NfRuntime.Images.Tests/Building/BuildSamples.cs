using System.Linq;
using NfRuntime.Images.Building;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Tests.Capsule;

namespace NfRuntime.Images.Tests.Building;

internal static class BuildSamples
{
    public static CapsuleBuildInput Fashion(string version = "1", byte weights = 1) => new()
    {
        Name = "fashion",
        Version = version,
        SecurityCounter = 1,
        SdkVersion = "nf-runtime 0.1.0",
        CompilerVersion = "0.1.0",
        ModelName = "fashion.tflite",
        ModelDigest = Digest.Of([weights]),
        Variants = [Variant("host", weights), Variant("cortex-m4", weights), Variant("esp32-s3", weights)],
    };

    public static BuiltImage Build(string version = "1", byte weights = 1) => CapsuleImageBuilder.Build(Fashion(version, weights), TestKeys.Publisher);

    public static BuiltImage BuildOneTarget(string version) =>
        CapsuleImageBuilder.Build(Fashion(version) with { Variants = [Variant("cortex-m4", 1) with { Managed = null, Processor = null }] }, TestKeys.Publisher);

    private static VariantInput Variant(string target, byte weights) => new()
    {
        Target = target,
        Plan = Enumerable.Repeat(weights, target == "host" ? 5_000 : 4_000).Append((byte)target[0]).ToArray(),
        Managed = Samples.Content("processor for " + (target == "host" ? "host" : "devices")),
        Processor = "Fashion.Processor",
        Vectors = OtherVectors.Golden,
        Labels = ["T-shirt", "Trouser"],
        Engine = new EngineRequirement(1, 0, 1, 0, 1),
        Needs = new CapsuleNeeds(16, 11_264, 0, 512, 100, 8_192),
        Operators = OperatorSet.Of(1, 3),
        Capabilities = CapsuleCapabilities.Math,
        Pre = [new PreProcessing { Input = 0, Source = SampleSource.Int16, Channels = [new IntegerAffine(1, 8, 0)], Window = 100, Hop = 10 }],
        Post = new PostProcessing { Output = 0, TopK = 1, Labelled = true, Scale = 0.00390625f, ZeroPoint = -128 },
        Figures = new System.Collections.Generic.Dictionary<string, long> { ["operators"] = 2, ["macs"] = 412_160 },
    };
}
