using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NfRuntime.Images.Capsule;

namespace NfRuntime.Images.Tests.Capsule;

/// <summary>Random manifests within the format's ranges and within 1,024 bytes.</summary>
internal static class ManifestGen
{
    private const string Alphanumeric = "abcdefghijklmnopqrstuvwxyz0123456789";

    public static Arbitrary<CapsuleManifest> Manifests => Arb.From(
        from identity in Identity
        from engine in Engine
        from needs in Words(6)
        from operators in Words(4)
        from capabilities in Gen.Choose(0, 127)
        from sections in Sections
        from pre in Pre.ListOf(2)
        from post in Post
        from hasPost in Gen.Elements(true, false)
        select new CapsuleManifest
        {
            Name = identity.Name,
            Version = identity.Version,
            Target = identity.Target,
            SecurityCounter = needs[5],
            Engine = engine,
            Needs = new CapsuleNeeds(needs[0], needs[1], needs[2], needs[3], needs[4], needs[5]),
            Operators = new OperatorSet(new UInt128(operators[0] | ((ulong)operators[1] << 32), operators[2] | ((ulong)operators[3] << 32))),
            Capabilities = (CapsuleCapabilities)capabilities,
            Processor = sections.Any(s => s.Kind == SectionKind.Managed) ? "N." + identity.Name.Replace('/', '_').Replace('-', '_') : null,
            Sections = sections,
            Pre = [.. pre.DistinctBy(p => p.Input).OrderBy(p => p.Input)],
            Post = hasPost ? post with { Labelled = post.Labelled && sections.Any(s => s.Kind == SectionKind.Labels) } : null,
        });

    private static Gen<(string Name, string Version, string Target)> Identity =>
        from parts in Text(Alphanumeric, 7).NonEmptyListOf()
        from separators in Gen.Elements('.', '_', '-', '/').ListOf(8)
        from version in Text(Alphanumeric + "XYZ.+-", 32)
        from target in Text(Alphanumeric + "-", 32)
        select (string.Concat(parts.Take(8).Select((p, i) => i == 0 ? p : separators[i - 1] + p)), version, target);

    private static Gen<EngineRequirement> Engine =>
        from words in Words(3)
        select new EngineRequirement((ushort)words[0], (ushort)(words[0] >> 16), (byte)words[1], (byte)(words[1] >> 8), words[2]);

    private static Gen<SectionEntry[]> Sections =>
        from kinds in Gen.Choose(0, 15)
        from sizes in Gen.Choose(1, (int)SectionEntry.MaxBytes).ListOf(5)
        from content in Gen.Choose(0, 255)
        select Enum.GetValues<SectionKind>().Where(k => k == SectionKind.Model || ((kinds >> ((int)k - 2)) & 1) != 0)
            .Select(k => new SectionEntry(k, (uint)sizes[(int)k - 1], Digest.Of([(byte)content, (byte)k]))).ToArray();

    private static Gen<PreProcessing> Pre =>
        from input in Gen.Choose(0, 255)
        from source in Gen.Elements(Enum.GetValues<SampleSource>())
        from count in Gen.Choose(1, 4)
        from words in Words(12)
        from window in Gen.Choose(0, 3)
        select new PreProcessing
        {
            Input = (byte)input,
            Source = source,
            Channels = [.. Enumerable.Range(0, count).Select(i => Affine(source, words[i], words[i + 4], words[i + 8]))],
            Window = (uint)window * 100,
            Hop = window == 0 ? 0 : 1 + (words[0] % ((uint)window * 100)),
        };

    private static Gen<PostProcessing> Post =>
        from words in Words(3)
        from topK in Gen.Choose(1, 8)
        from scale in Gen.Choose(1, int.MaxValue)
        from needed in Gen.Choose(0, 16)
        from window in Gen.Choose(needed, 16)
        select new PostProcessing
        {
            Output = (byte)words[0],
            TopK = (byte)topK,
            Threshold = (words[0] & 0x100) != 0 ? (int)words[1] : null,
            Debounce = needed == 0 ? null : new Debounce((byte)needed, (byte)window),
            Labelled = (words[0] & 0x200) != 0,
            Scale = scale / 1e6f,
            ZeroPoint = (int)words[2],
        };

    private static ChannelAffine Affine(SampleSource source, uint a, uint b, uint c) => source == SampleSource.Float32
        ? new FloatAffine((int)a / 65536f, (int)b / 256f)
        : new IntegerAffine((int)a, (byte)(b % 41), (((long)(int)b << 32) | c) >> 8);

    private static Gen<uint[]> Words(int count) =>
        from halves in Gen.Choose(0, ushort.MaxValue).ListOf(2 * count)
        select Enumerable.Range(0, count).Select(i => (uint)halves[2 * i] | ((uint)halves[(2 * i) + 1] << 16)).ToArray();

    private static Gen<string> Text(string alphabet, int max) =>
        from length in Gen.Choose(1, max)
        from characters in Gen.Elements(alphabet.ToCharArray()).ListOf(length)
        select string.Concat(characters);
}
