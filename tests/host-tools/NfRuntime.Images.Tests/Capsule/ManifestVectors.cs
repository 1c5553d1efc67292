using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using NfRuntime.Images.Capsule;

namespace NfRuntime.Images.Tests.Capsule;

/// <summary>One committed test vector: a file, the floor it is judged against, and the answer.</summary>
/// <param name="Kind">manifest, keylist, vectors or labels.</param>
/// <param name="Name">File name without its extension.</param>
/// <param name="Error">What a device answers.</param>
/// <param name="Rule">The host's name of the broken rule; empty when good.</param>
/// <param name="Bytes">Content.</param>
/// <param name="Floor">Lowest accepted security counter or key-list version.</param>
internal sealed record CapsuleVector(string Kind, string Name, DeviceError Error, string Rule, byte[] Bytes, uint Floor = 0);

/// <summary>Manifests, each good or wrong in exactly one respect; all that are wrong in their content are properly signed.</summary>
internal static class ManifestVectors
{
    private const ushort Name = 0x8001, Version = 0x8002, Counter = 0x8003, Target = 0x8004, Engine = 0x8005, Needs = 0x8006;
    private const ushort Operators = 0x8007, Capabilities = 0x8008, Processor = 0x8009, Section = 0x8010, Pre = 0x8020, Post = 0x8021;

    public static IEnumerable<CapsuleVector> All() =>
        [.. Good(), .. Trust(), .. Header(), .. Tlvs(), .. Fields(), .. Sections(), .. PreProcessings(), .. PostProcessings()];

    private static IEnumerable<CapsuleVector> Good()
    {
        yield return Ok("minimal", ManifestWriter.Write(Samples.Minimal, TestKeys.Publisher));
        yield return Ok("full", ManifestWriter.Write(Samples.Full, TestKeys.Publisher));
        yield return Ok("counter-at-floor", ManifestWriter.Write(Samples.Minimal with { SecurityCounter = 7 }, TestKeys.Publisher)) with { Floor = 7 };
        yield return Ok("any-name", ManifestWriter.Write(Samples.Minimal with { Name = "a" }, TestKeys.Universal));
        yield return Ok("name-below-prefix", ManifestWriter.Write(Samples.Minimal with { Name = "fashion/shoes" }, TestKeys.Publisher));
        yield return Ok("minor-above", RawManifest.Sign(Change(new RawManifest(Samples.Minimal).Join(), 5, 9), TestKeys.Publisher));
        yield return Ok("unknown-tlvs", Broken(r => r.Tlvs.InsertRange(0, [(1, []), (1, [1]), (0x7FFF, [1, 2, 3, 4, 5])])));
        yield return Ok("high-s", HighS(ManifestWriter.Write(Samples.Minimal, TestKeys.Publisher)));
    }

    private static IEnumerable<CapsuleVector> Trust()
    {
        byte[] good = ManifestWriter.Write(Samples.Minimal, TestKeys.Publisher);
        yield return Bad("signature-r-flipped", DeviceError.Signature, "signature", Change(good, good.Length - 64, good[^64] ^ 1));
        yield return Bad("signature-s-flipped", DeviceError.Signature, "signature", Change(good, good.Length - 1, good[^1] ^ 0x80));
        yield return Bad("signature-zero", DeviceError.Signature, "signature", [.. good[..^64], .. new byte[64]]);
        yield return Bad("content-flipped", DeviceError.Signature, "signature", Change(good, 12, good[12] ^ 1));
        yield return Bad("key-unknown", DeviceError.Signature, "key-unknown", ManifestWriter.Write(Samples.Minimal, TestKeys.Stranger));
        yield return Bad("key-revoked", DeviceError.Signature, "key-unknown", ManifestWriter.Write(Samples.Minimal, TestKeys.Revoked));
        byte[] claimed = ManifestWriter.Write(Samples.Minimal, TestKeys.Stranger);
        TestKeys.Publisher.PublicKey.Id.ToByteArray().CopyTo(claimed, claimed.Length - 72);
        yield return Bad("key-claimed", DeviceError.Signature, "signature", claimed);
        yield return Bad("name-outside-prefix", DeviceError.Signature, "key-prefix", ManifestWriter.Write(Samples.Minimal with { Name = "fashions" }, TestKeys.Publisher));
        yield return Bad("name-shorter-than-prefix", DeviceError.Signature, "key-prefix", ManifestWriter.Write(Samples.Minimal with { Name = "factory" }, TestKeys.Publisher));
        yield return Bad("counter-below-floor", DeviceError.Rollback, "counter-floor", ManifestWriter.Write(Samples.Minimal with { SecurityCounter = 6 }, TestKeys.Publisher)) with { Floor = 7 };
    }

    private static IEnumerable<CapsuleVector> Header()
    {
        byte[] good = ManifestWriter.Write(Samples.Minimal, TestKeys.Publisher);
        yield return Bad("empty", DeviceError.Corrupt, "size", []);
        yield return Bad("too-small", DeviceError.Corrupt, "size", good[..76]);
        yield return Bad("not-fours", DeviceError.Corrupt, "size", [.. good, 0]);
        byte[] large = RawManifest.Sign([.. new RawManifest(Samples.Minimal).Join()[..^72], .. Padding(1028), .. new byte[72]], TestKeys.Publisher);
        yield return Bad("too-large", DeviceError.Corrupt, "size", large);
        yield return Bad("magic", DeviceError.Corrupt, "magic", Resign(good, 0, 0x4F));
        yield return Bad("major-0", DeviceError.Version, "major", Resign(good, 4, 0));
        yield return Bad("major-2", DeviceError.Version, "major", Resign(good, 4, 2));
        yield return Bad("total-larger", DeviceError.Corrupt, "total-bytes", Resign(good, 6, good[6] + 4));
        yield return Bad("total-smaller", DeviceError.Corrupt, "total-bytes", Resign(good, 6, good[6] - 4));
        yield return Bad("no-tlvs", DeviceError.Corrupt, "model-required", RawManifest.Sign([.. good[..8], .. new byte[72]], TestKeys.Publisher));
    }

    private static byte[] Padding(int total)
    {
        int room = total - 72 - (new RawManifest(Samples.Minimal).Join().Length - 72);
        return [0xFF, 0xFF, (byte)(room - 4), (byte)((room - 4) >> 8), .. new byte[room - 4]];
    }

    private static IEnumerable<CapsuleVector> Tlvs()
    {
        yield return Bad("tlv-descending", DeviceError.Corrupt, "tlv-order", Broken(r => r.Tlvs.Reverse(0, 2)));
        yield return Bad("tlv-twice", DeviceError.Corrupt, "tlv-order", Broken(r => r.Tlvs.Insert(0, r.Tlvs[0])));
        yield return Bad("tlv-critical-unknown", DeviceError.Unsupported, "tlv-critical", Broken(r => r.Tlvs.Add((0x8022, [1]))));
        byte[] truncated = new RawManifest(Samples.Minimal).Join();
        truncated[10] = 0xF0;
        yield return Bad("tlv-beyond-end", DeviceError.Corrupt, "truncated", RawManifest.Sign(truncated, TestKeys.Publisher));
        truncated = new RawManifest(Samples.Minimal).Join();
        (truncated[10], truncated[11]) = (0xFF, 0xFF);
        yield return Bad("tlv-length-huge", DeviceError.Corrupt, "truncated", RawManifest.Sign(truncated, TestKeys.Publisher));
        yield return Bad("tlv-last-beyond-end", DeviceError.Corrupt, "truncated",
            RawManifest.Sign([.. new RawManifest(Samples.Minimal).Join()[..^72], 0x21, 0x80, 20, 0, .. new byte[72]], TestKeys.Publisher));
        byte[] padding = new RawManifest(Samples.Minimal).Join();
        padding[12 + Samples.Minimal.Name.Length] = 1;
        yield return Bad("tlv-padding", DeviceError.Corrupt, "reserved-zero", RawManifest.Sign(padding, TestKeys.Publisher));
        foreach (ushort type in (ushort[])[Counter, Engine, Needs, Operators, Section])
        {
            yield return Bad($"length-{type:x4}-short", DeviceError.Corrupt, "tlv-length", Broken(r => r[type] = r[type][..^4]));
            yield return Bad($"length-{type:x4}-long", DeviceError.Corrupt, "tlv-length", Broken(r => r[type] = [.. r[type], 0, 0, 0, 0]));
        }

        foreach (ushort type in (ushort[])[Name, Version, Counter, Target, Engine, Needs, Operators])
        {
            yield return Bad($"missing-{type:x4}", DeviceError.Corrupt, "required", Broken(r => r.Remove(type)));
        }
    }

    private static IEnumerable<CapsuleVector> Fields()
    {
        foreach ((string label, string text) in ((string, string)[])
            [("empty", ""), ("long", new string('a', 65)), ("upper", "Fashion"), ("leading", "/fashion"), ("trailing", "fashion-"), ("double", "fashion//a"), ("mixed-double", "fashion-.a"), ("space", "fash ion"), ("nul", "fashion\0"), ("high", "fashion\u00e9")])
        {
            yield return Bad($"name-{label}", DeviceError.Corrupt, "name", Broken(r => r[Name] = Encoding.Latin1.GetBytes(text)));
        }

        yield return Bad("version-empty", DeviceError.Corrupt, "version", Broken(r => r[Version] = []));
        yield return Bad("version-long", DeviceError.Corrupt, "version", Broken(r => r[Version] = Samples.Content(new string('1', 33))));
        yield return Bad("version-underscore", DeviceError.Corrupt, "version", Broken(r => r[Version] = Samples.Content("1_0")));
        yield return Bad("target-empty", DeviceError.Corrupt, "target", Broken(r => r[Target] = []));
        yield return Bad("target-long", DeviceError.Corrupt, "target", Broken(r => r[Target] = Samples.Content(new string('m', 33))));
        yield return Bad("target-dot", DeviceError.Corrupt, "target", Broken(r => r[Target] = Samples.Content("m4.f")));
        yield return Bad("engine-reserved", DeviceError.Corrupt, "reserved-zero", Broken(r => r[Engine][6] = 1));
        yield return Bad("capabilities-unknown", DeviceError.Unsupported, "capabilities", BrokenFull(r => r[Capabilities][0] |= 0x80));
        yield return Bad("capabilities-unknown-high", DeviceError.Unsupported, "capabilities", BrokenFull(r => r[Capabilities][3] |= 0x80));
        yield return Bad("capabilities-length", DeviceError.Corrupt, "tlv-length", BrokenFull(r => r[Capabilities] = [1, 0, 0]));
        yield return Bad("processor-empty", DeviceError.Corrupt, "processor", BrokenFull(r => r[Processor] = []));
        yield return Bad("processor-long", DeviceError.Corrupt, "processor", BrokenFull(r => r[Processor] = Samples.Content(new string('P', 97))));
        yield return Bad("processor-slash", DeviceError.Corrupt, "processor", BrokenFull(r => r[Processor] = Samples.Content("A/B")));
        yield return Bad("processor-without-managed", DeviceError.Corrupt, "processor-managed", BrokenFull(r => r.Tlvs.RemoveAt(r.Tlvs.FindIndex(t => t.Type == Section) + 1)));
        yield return Bad("managed-without-processor", DeviceError.Corrupt, "processor-managed", BrokenFull(r => r.Remove(Processor)));
    }

    private static IEnumerable<CapsuleVector> Sections()
    {
        yield return Bad("section-kind-0", DeviceError.Corrupt, "section-kind", BrokenFull(r => r.All(Section)[0][0] = 0));
        yield return Bad("section-kind-6", DeviceError.Corrupt, "section-kind", BrokenFull(r => r.All(Section)[4][0] = 6));
        yield return Bad("section-twice", DeviceError.Corrupt, "section-order", BrokenFull(r => r.All(Section)[3][0] = 3));
        yield return Bad("section-descending", DeviceError.Corrupt, "section-order", BrokenFull(r => (r.All(Section)[3][0], r.All(Section)[4][0]) = (5, 4)));
        yield return Bad("section-reserved", DeviceError.Corrupt, "reserved-zero", BrokenFull(r => r.All(Section)[1][3] = 1));
        yield return Bad("section-size-0", DeviceError.Corrupt, "section-size", BrokenFull(r => Put(r.All(Section)[0], 4, 0)));
        yield return Bad("section-size-large", DeviceError.Corrupt, "section-size", BrokenFull(r => Put(r.All(Section)[2], 4, (16 << 20) + 1)));
        yield return Bad("section-size-huge", DeviceError.Corrupt, "section-size", BrokenFull(r => Put(r.All(Section)[2], 4, uint.MaxValue)));
        yield return Bad("model-missing", DeviceError.Corrupt, "model-required", Broken(r => r[Section][0] = 3));
    }

    private static IEnumerable<CapsuleVector> PreProcessings()
    {
        yield return Bad("pre-short", DeviceError.Corrupt, "pre-length", BrokenPre(0, v => v[..8]));
        yield return Bad("pre-one-affine-short", DeviceError.Corrupt, "pre-length", BrokenPre(0, v => v[..12]));
        yield return Bad("pre-one-affine-long", DeviceError.Corrupt, "pre-length", BrokenPre(0, v => [.. v, .. new byte[16]]));
        yield return Bad("pre-source", DeviceError.Corrupt, "pre-source", BrokenPre(0, v => Change(v, 1, 4)));
        yield return Bad("pre-channels-0", DeviceError.Corrupt, "pre-channels", BrokenPre(0, v => Change(v[..12], 2, 0)));
        yield return Bad("pre-channels-5", DeviceError.Corrupt, "pre-channels", BrokenPre(1, v => Change([.. v, .. new byte[16]], 2, 5)));
        yield return Bad("pre-reserved", DeviceError.Corrupt, "reserved-zero", BrokenPre(0, v => Change(v, 3, 1)));
        yield return Bad("pre-hop-0", DeviceError.Corrupt, "pre-hop", BrokenPre(0, v => Put(v, 8, 0)));
        yield return Bad("pre-hop-above-window", DeviceError.Corrupt, "pre-hop", BrokenPre(0, v => Put(v, 8, 1_961)));
        yield return Bad("pre-hop-without-window", DeviceError.Corrupt, "pre-hop", BrokenPre(1, v => Put(v, 8, 1)));
        yield return Bad("pre-shift", DeviceError.Corrupt, "affine-shift", BrokenPre(0, v => Change(v, 16, 41)));
        yield return Bad("pre-affine-reserved", DeviceError.Corrupt, "reserved-zero", BrokenPre(0, v => Change(v, 19, 1)));
        yield return Bad("pre-offset-high", DeviceError.Corrupt, "affine-offset", BrokenPre(0, v => PutLong(v, 20, 1L << 55)));
        yield return Bad("pre-offset-low", DeviceError.Corrupt, "affine-offset", BrokenPre(0, v => PutLong(v, 20, -(1L << 55))));
        yield return Bad("pre-offset-min", DeviceError.Corrupt, "affine-offset", BrokenPre(0, v => PutLong(v, 20, long.MinValue)));
        yield return Bad("pre-scale-nan", DeviceError.Corrupt, "affine-finite", BrokenPre(2, v => Put(v, 12, 0x7FC00000)));
        yield return Bad("pre-bias-infinite", DeviceError.Corrupt, "affine-finite", BrokenPre(2, v => Put(v, 16, 0xFF800000)));
        yield return Bad("pre-float-reserved", DeviceError.Corrupt, "reserved-zero", BrokenPre(2, v => Change(v, 27, 1)));
        yield return Bad("pre-input-twice", DeviceError.Corrupt, "pre-order", BrokenPre(1, v => Change(v, 0, 0)));
        yield return Bad("pre-input-descending", DeviceError.Corrupt, "pre-order", BrokenPre(0, v => Change(v, 0, 2)));
        yield return Bad("pre-five", DeviceError.Corrupt, "pre-count", BrokenFull(r =>
        {
            byte[] last = r.All(Pre)[2];
            r.Remove(Pre);
            r.Tlvs.InsertRange(r.Tlvs.Count - 1, Enumerable.Range(0, 5).Select(i => (Pre, Change(last, 0, i))));
        }));
    }

    private static IEnumerable<CapsuleVector> PostProcessings()
    {
        yield return Bad("post-short", DeviceError.Corrupt, "post-length", BrokenFull(r => r[Post] = r[Post][..^4]));
        yield return Bad("post-long", DeviceError.Corrupt, "post-length", BrokenFull(r => r[Post] = [.. r[Post], 0]));
        yield return Bad("post-top-k-0", DeviceError.Corrupt, "post-top-k", BrokenFull(r => r[Post][1] = 0));
        yield return Bad("post-top-k-9", DeviceError.Corrupt, "post-top-k", BrokenFull(r => r[Post][1] = 9));
        yield return Bad("post-flags", DeviceError.Corrupt, "post-flags", BrokenFull(r => r[Post][2] |= 8));
        yield return Bad("post-debounce-needed-0", DeviceError.Corrupt, "post-debounce", BrokenFull(r => r[Post][3] = 0));
        yield return Bad("post-debounce-needed-above-window", DeviceError.Corrupt, "post-debounce", BrokenFull(r => r[Post][3] = 6));
        yield return Bad("post-debounce-window-17", DeviceError.Corrupt, "post-debounce", BrokenFull(r => r[Post][4] = 17));
        yield return Bad("post-debounce-without-flag", DeviceError.Corrupt, "post-debounce", BrokenFull(r => r[Post][2] = 5));
        yield return Bad("post-reserved", DeviceError.Corrupt, "reserved-zero", BrokenFull(r => r[Post][7] = 1));
        yield return Bad("post-threshold-without-flag", DeviceError.Corrupt, "post-threshold", BrokenFull(r => r[Post][2] = 6));
        yield return Bad("post-scale-0", DeviceError.Corrupt, "post-scale", BrokenFull(r => Put(r[Post], 12, 0)));
        yield return Bad("post-scale-negative", DeviceError.Corrupt, "post-scale", BrokenFull(r => Put(r[Post], 12, 0xBF800000)));
        yield return Bad("post-scale-nan", DeviceError.Corrupt, "post-scale", BrokenFull(r => Put(r[Post], 12, 0x7FC00000)));
        yield return Bad("post-labels-missing", DeviceError.Corrupt, "post-labels", BrokenFull(r => r.Tlvs.RemoveAt(r.Tlvs.FindLastIndex(t => t.Type == Section))));
    }

    private static CapsuleVector Ok(string name, byte[] bytes) => new("manifest", $"manifest-good-{name}", DeviceError.None, "", bytes);

    private static CapsuleVector Bad(string name, DeviceError error, string rule, byte[] bytes) => new("manifest", $"manifest-bad-{name}", error, rule, bytes);

    private static byte[] Broken(Action<RawManifest> change) => RawManifest.Broken(Samples.Minimal, change);

    private static byte[] BrokenFull(Action<RawManifest> change) => RawManifest.Broken(Samples.Full, change);

    private static byte[] BrokenPre(int index, Func<byte[], byte[]> change) => BrokenFull(r =>
    {
        int at = r.Tlvs.FindIndex(t => t.Type == Pre) + index;
        r.Tlvs[at] = (Pre, change(r.Tlvs[at].Value));
    });

    private static byte[] Resign(byte[] good, int at, int value) => RawManifest.Sign(Change(good, at, value), TestKeys.Publisher, setSize: false);

    private static byte[] Change(byte[] bytes, int at, int value)
    {
        byte[] copy = [.. bytes];
        copy[at] = (byte)value;
        return copy;
    }

    private static byte[] Put(byte[] bytes, int at, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), value);
        return bytes;
    }

    private static byte[] PutLong(byte[] bytes, int at, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), value);
        return bytes;
    }

    private static byte[] HighS(byte[] manifest)
    {
        var s = new System.Numerics.BigInteger(manifest.AsSpan(manifest.Length - 32), isUnsigned: true, isBigEndian: true);
        byte[] high = (EcdsaTests.Order - s).ToByteArray(isUnsigned: true, isBigEndian: true);
        manifest.AsSpan(manifest.Length - 32).Clear();
        high.CopyTo(manifest.AsSpan(manifest.Length - high.Length));
        return manifest;
    }
}
