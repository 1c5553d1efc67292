using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NfRuntime.Images.Building;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Oci;
using NfRuntime.Images.Signing;

// wrong-answers STORE IMAGE KEYFILE VERSION TAG: the image again as another version, signed with the key, whose golden vectors say of
// operator 1 in case 3 what another model would compute. A device must refuse it by its self-test, and name both.
if (args.Length != 5)
{
    Console.Error.WriteLine("usage: wrong-answers STORE IMAGE KEYFILE VERSION NAME:TAG");
    return 2;
}

const int WrongCase = 3, WrongOperator = 1;
var store = new ImageStore(args[0]);
CapsuleImage image = CapsuleImage.Read(store, store.Find(args[1]).Root);
using SigningKey key = KeyFiles.Load(args[2], Environment.GetEnvironmentVariable("NFR_KEY_PASSPHRASE"));
CapsuleManifest first = image.Variants[0].Manifest;
CapsuleConfig config = image.Variants[0].Config;
BuiltImage built = CapsuleImageBuilder.Build(
    new CapsuleBuildInput
    {
        Name = first.Name,
        Version = args[3],
        SecurityCounter = first.SecurityCounter,
        SdkVersion = config.SdkVersion,
        CompilerVersion = config.CompilerVersion,
        ModelName = config.ModelName,
        ModelDigest = config.ModelDigest,
        Variants = [.. image.Variants.Select(Tampered)],
    },
    key);
store.Add((built.Content, [ImageReference.Parse(args[4])]));
Console.WriteLine($"{args[4]} {built.Content.Root.Digest}");
return 0;

VariantInput Tampered(CapsuleVariant variant)
{
    byte[]? Section(SectionKind kind) => variant.Layer(kind) is { } layer ? store.Fetch(layer) : null;
    CapsuleManifest manifest = variant.Manifest;
    GoldenVectors vectors = VectorsFile.Read(Section(SectionKind.Vectors) ?? throw new InvalidDataException($"{variant.Target} has no vectors"));
    return new VariantInput
    {
        Target = variant.Target,
        Plan = Section(SectionKind.Model)!,
        Engine = manifest.Engine,
        Needs = manifest.Needs with { StateBytes = (uint)(manifest.Needs.StateBytes - manifest.Pre.Sum(pre => pre.WindowBytes)) },
        Operators = manifest.Operators,
        Capabilities = manifest.Capabilities,
        Managed = Section(SectionKind.Managed) is { } managed ? (ReadOnlyMemory<byte>?)managed : null,
        Processor = manifest.Processor,
        Vectors = vectors with { Cases = [.. vectors.Cases.Select((answer, i) => i == WrongCase ? Wrong(answer) : answer)] },
        Baseline = Section(SectionKind.Baseline) is { } baseline ? (ReadOnlyMemory<byte>?)baseline : null,
        Labels = Section(SectionKind.Labels) is { } labels ? LabelsFile.Read(labels) : null,
        Pre = manifest.Pre,
        Post = manifest.Post,
        Figures = variant.Config.Figures,
    };
}

// Another tensor at one operator, and what follows from it: another output.
static GoldenVector Wrong(GoldenVector right)
{
    byte[] output = right.Output.ToArray();
    output[0] ^= 1;
    IReadOnlyList<uint> crcs = [.. right.OperatorCrc32.Select((crc, i) => i == WrongOperator ? crc ^ 1 : crc)];
    return right with { Output = output, OperatorCrc32 = crcs };
}
