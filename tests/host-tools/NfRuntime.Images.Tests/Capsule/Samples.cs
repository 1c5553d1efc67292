using System.Text;
using NfRuntime.Images.Capsule;

namespace NfRuntime.Images.Tests.Capsule;

/// <summary>Manifests that use the least and the most of the format.</summary>
internal static class Samples
{
    public static byte[] Content(string text) => Encoding.ASCII.GetBytes(text);

    public static CapsuleManifest Minimal { get; } = new()
    {
        Name = "fashion",
        Version = "1",
        SecurityCounter = 0,
        Target = "host",
        Engine = new EngineRequirement(1, 0, 1, 0, 1),
        Needs = new CapsuleNeeds(0, 11_264, 0, 512, 0, 0),
        Operators = OperatorSet.Of(1, 3),
        Sections = [SectionEntry.Of(SectionKind.Model, Content("model"))],
    };

    public static CapsuleManifest Full { get; } = new()
    {
        Name = "factory/line-3/key.words_v2",
        Version = "2.0.1-rc.1+build7",
        SecurityCounter = 4_000_000_000,
        Target = "cortex-m4",
        Engine = new EngineRequirement(1, 2, 1, 3, 0x8000_0005),
        Needs = new CapsuleNeeds(8_192, 31_744, 1_960, 1_024, 250, 20_000),
        Operators = OperatorSet.Of(0, 7, 8, 63, 64, 127),
        Capabilities = CapsuleCapabilities.Math | CapsuleCapabilities.Storage,
        Processor = "Factory.KeyWords.Processor",
        Sections =
        [
            SectionEntry.Of(SectionKind.Model, Content("model")),
            SectionEntry.Of(SectionKind.Managed, Content("managed")),
            SectionEntry.Of(SectionKind.Vectors, Content("vectors")),
            SectionEntry.Of(SectionKind.Baseline, Content("baseline")),
            new SectionEntry(SectionKind.Labels, SectionEntry.MaxBytes, Digest.Of(Content("labels"))),
        ],
        Pre =
        [
            new PreProcessing { Input = 0, Source = SampleSource.Int16, Channels = [new IntegerAffine(-1_234_567, 40, (1L << 55) - 1)], Window = 1_960, Hop = 40 },
            new PreProcessing
            {
                Input = 1,
                Source = SampleSource.UInt8,
                Channels = [new IntegerAffine(1, 0, -128), new IntegerAffine(int.MinValue, 31, -(1L << 55) + 1), new IntegerAffine(int.MaxValue, 1, 0), new IntegerAffine(0, 0, 0)],
            },
            new PreProcessing { Input = 255, Source = SampleSource.Float32, Channels = [new FloatAffine(0.5f, -1.25f)] },
        ],
        Post = new PostProcessing
        {
            Output = 0,
            TopK = 3,
            Threshold = -100,
            Debounce = new Debounce(2, 5),
            Labelled = true,
            Scale = 0.00390625f,
            ZeroPoint = -128,
        },
    };
}
