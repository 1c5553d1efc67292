using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Signing;

namespace NfRuntime.Images.Tests.Capsule;

/// <summary>Key lists, vectors sections and labels sections, each good or wrong in exactly one respect.</summary>
internal static class OtherVectors
{
    // Offsets in the key list of TestKeys.List: header 16, then the first key 64, its counts 4, then its prefixes.
    private const int FirstKey = 16;
    private const int FirstPrefixes = FirstKey + 64 + 4;

    public static GoldenVectors Golden { get; } = new(
        3, 5, 2,
        [
            new GoldenVector(true, new byte[] { 1, 2, 3 }, new byte[] { 4, 5, 6, 7, 8 }, [0xDEADBEEF, 1]),
            new GoldenVector(false, new byte[] { 9, 10, 11 }, new byte[] { 12, 13, 14, 15, 16 }, [2, uint.MaxValue]),
        ]);

    public static IEnumerable<CapsuleVector> All() => [.. KeyLists(), .. KeyListBodies(), .. Vectors(), .. Labels()];

    private static IEnumerable<CapsuleVector> KeyLists()
    {
        byte[] good = KeyListFile.Write(TestKeys.List, TestKeys.Root);
        yield return new("keylist", "keys", DeviceError.None, "", good, 3);
        yield return new("keylist", "keylist-good-empty", DeviceError.None, "", KeyListFile.Write(new KeyList(1, [], []), TestKeys.Root));
        yield return new("keylist", "keylist-good-many", DeviceError.None, "", KeyListFile.Write(Many(), TestKeys.Root));
        yield return List("version-below-floor", DeviceError.Rollback, "version-floor", good) with { Floor = 4 };
        yield return List("other-root", DeviceError.Signature, "signature", RawKeyList.Sign(KeyListFile.Encode(TestKeys.List), TestKeys.OtherRoot));
        yield return List("content-flipped", DeviceError.Signature, "signature", Change(good, 40, good[40] ^ 1));
        yield return List("empty-file", DeviceError.Corrupt, "size", []);
        yield return List("too-small", DeviceError.Corrupt, "size", good[..76]);
        yield return List("not-fours", DeviceError.Corrupt, "size", [.. good, 0, 0]);
        yield return List("too-large", DeviceError.Corrupt, "size", Broken(b => [.. b[..^64], .. new byte[4100 - b.Length], .. b[^64..]]));
        yield return List("magic", DeviceError.Corrupt, "magic", Broken(b => Change(b, 3, 0x43)));
        yield return List("major-2", DeviceError.Version, "major", Broken(b => Change(b, 4, 2)));
        yield return List("total-smaller", DeviceError.Corrupt, "total-bytes", RawKeyList.Sign(Change(good, 6, good[6] - 4), TestKeys.Root));
    }

    private static IEnumerable<CapsuleVector> KeyListBodies()
    {
        yield return List("key-count-17", DeviceError.Corrupt, "key-count", Broken(b => Change(b, 12, 17)));
        yield return List("revoked-count-33", DeviceError.Corrupt, "revoked-count", Broken(b => Change(b, 13, 33)));
        yield return List("reserved", DeviceError.Corrupt, "reserved-zero", Broken(b => Change(b, 15, 1)));
        yield return List("key-beyond-end", DeviceError.Corrupt, "truncated", Broken(b => [.. b[..^76], .. b[^64..]]));
        yield return List("key-twice", DeviceError.Corrupt, "key-distinct", RawKeyList.Sign(KeyListFile.Encode(TestKeys.List with { Keys = [TestKeys.List.Keys[0], TestKeys.List.Keys[0]] }), TestKeys.Root));
        yield return List("revoked-twice", DeviceError.Corrupt, "revoked-distinct", RawKeyList.Sign(KeyListFile.Encode(TestKeys.List with { Revoked = [TestKeys.List.Revoked[0], TestKeys.List.Revoked[0]] }), TestKeys.Root));
        yield return List("prefix-count-0", DeviceError.Corrupt, "prefix-count", Broken(b => Change(b, FirstKey + 64, 0)));
        yield return List("prefix-count-9", DeviceError.Corrupt, "prefix-count", Broken(b => Change(b, FirstKey + 64, 9)));
        yield return List("key-reserved", DeviceError.Corrupt, "reserved-zero", Broken(b => Change(b, FirstKey + 65, 1)));
        yield return List("prefix-long", DeviceError.Corrupt, "prefix", RawKeyList.Sign(KeyListFile.Encode(TestKeys.List with { Keys = [new(TestKeys.Publisher.PublicKey, [new string('a', 65)])] }), TestKeys.Root));
        yield return List("prefix-upper", DeviceError.Corrupt, "prefix", Broken(b => Change(b, FirstPrefixes + 1, 'F')));
        yield return List("prefix-beyond-end", DeviceError.Corrupt, "truncated", RawKeyList.Sign(Change(KeyListFile.Encode(new KeyList(1, [TestKeys.List.Keys[0]], [])), FirstPrefixes, 255), TestKeys.Root));
        yield return List("key-padding", DeviceError.Corrupt, "reserved-zero", Broken(b => Change(b, FirstPrefixes + 18, 1)));
        yield return List("bytes-before-signature", DeviceError.Corrupt, "exact-end", Broken(b => [.. b[..^64], 0, 0, 0, 0, .. b[^64..]]));
    }

    private static KeyList Many() => new(
        uint.MaxValue,
        [.. Enumerable.Range(0, KeyList.MaxKeys).Select(i => new PublisherKey(TestKeys.Of($"publisher {i}").PublicKey, [.. Enumerable.Range(0, 1 + (i % 8)).Select(p => $"line-{i}/{p}/")]))],
        [.. Enumerable.Range(0, KeyList.MaxRevoked).Select(i => TestKeys.Of($"revoked {i}").PublicKey.Id)]);

    private static IEnumerable<CapsuleVector> Vectors()
    {
        byte[] good = VectorsFile.Write(Golden);
        yield return new("vectors", "vectors-good", DeviceError.None, "", good);
        yield return new("vectors", "vectors-good-no-operators", DeviceError.None, "", VectorsFile.Write(new GoldenVectors(4, 1, 0, [new GoldenVector(false, new byte[4], new byte[1], [])])));
        yield return Section("empty", DeviceError.Corrupt, "size", []);
        yield return Section("header-short", DeviceError.Corrupt, "size", good[..20]);
        yield return Section("magic", DeviceError.Corrupt, "magic", Change(good, 0, 0));
        yield return Section("major-2", DeviceError.Version, "major", Change(good, 4, 2));
        yield return Section("cases-0", DeviceError.Corrupt, "case-count", Change(good, 6, 0));
        yield return Section("cases-65", DeviceError.Corrupt, "case-count", Change(good, 6, 65));
        yield return Section("cases-1-of-2", DeviceError.Corrupt, "exact-size", Change(good, 6, 1));
        yield return Section("total", DeviceError.Corrupt, "total-bytes", Change(good, 8, good[8] + 4));
        yield return Section("truncated", DeviceError.Corrupt, "total-bytes", good[..^4]);
        yield return Section("input-0", DeviceError.Corrupt, "io-bytes", Change(good, 12, 0));
        yield return Section("output-0", DeviceError.Corrupt, "io-bytes", Change(good, 16, 0));
        yield return Section("input-huge", DeviceError.Corrupt, "exact-size", Put(good, 12, uint.MaxValue));
        yield return Section("output-wraps", DeviceError.Corrupt, "exact-size", Put(good, 16, 0xFFFFFFFD));
        yield return Section("operators", DeviceError.Corrupt, "exact-size", Change(good, 20, 3));
        yield return Section("reserved", DeviceError.Corrupt, "reserved-zero", Change(good, 22, 1));
        yield return Section("flags", DeviceError.Corrupt, "case-flags", Change(good, 24, 2));
        yield return Section("input-padding", DeviceError.Corrupt, "reserved-zero", Change(good, 31, 1));
        yield return Section("output-padding", DeviceError.Corrupt, "reserved-zero", Change(good, 39, 1));
    }

    private static IEnumerable<CapsuleVector> Labels()
    {
        yield return new("labels", "labels-good", DeviceError.None, "", LabelsFile.Write(["T-shirt/top", "Trouser", "größer", "日本", new string('x', 64), "🙂 = smile"]));
        yield return new("labels", "labels-good-one", DeviceError.None, "", LabelsFile.Write(["a"]));
        yield return new("labels", "labels-good-1024", DeviceError.None, "", LabelsFile.Write([.. Enumerable.Range(0, 1024).Select(i => $"{i}")]));
        yield return Label("empty", "size", []);
        yield return Label("too-large", "size", Encoding.ASCII.GetBytes(string.Join('\n', Enumerable.Repeat(new string('a', 64), 1009))));
        yield return Label("1025", "label-count", Encoding.ASCII.GetBytes(string.Join('\n', Enumerable.Range(0, 1025))));
        yield return Label("line-empty", "label-length", "a\n\nb"u8.ToArray());
        yield return Label("line-end", "label-length", "a\nb\n"u8.ToArray());
        yield return Label("line-long", "label-length", Samples.Content(new string('a', 65)));
        yield return Label("carriage-return", "label-text", "a\r\nb"u8.ToArray());
        yield return Label("nul", "label-text", "a\0b"u8.ToArray());
        yield return Label("delete", "label-text", [0x61, 0x7F]);
        yield return Label("c1-control", "label-text", [0x61, 0xC2, 0x9F]);
        yield return Label("utf8-lone-continuation", "label-utf8", [0x61, 0x80]);
        yield return Label("utf8-overlong", "label-utf8", [0xC0, 0xAF]);
        yield return Label("utf8-overlong-3", "label-utf8", [0xE0, 0x80, 0xAF]);
        yield return Label("utf8-surrogate", "label-utf8", [0xED, 0xA0, 0x80]);
        yield return Label("utf8-above-10ffff", "label-utf8", [0xF4, 0x90, 0x80, 0x80]);
        yield return Label("utf8-truncated", "label-utf8", [0x61, 0xE2, 0x82]);
        yield return Label("utf8-split-by-line", "label-utf8", [0xE2, 0x82, 0x0A, 0xAC]);
    }

    private static CapsuleVector List(string name, DeviceError error, string rule, byte[] bytes) => new("keylist", $"keylist-bad-{name}", error, rule, bytes);

    private static CapsuleVector Section(string name, DeviceError error, string rule, byte[] bytes) => new("vectors", $"vectors-bad-{name}", error, rule, bytes);

    private static CapsuleVector Label(string name, string rule, byte[] bytes) => new("labels", $"labels-bad-{name}", DeviceError.Corrupt, rule, bytes);

    private static byte[] Broken(Func<byte[], byte[]> change) => RawKeyList.Broken(TestKeys.List, change);

    private static byte[] Change(byte[] bytes, int at, int value)
    {
        byte[] copy = [.. bytes];
        copy[at] = (byte)value;
        return copy;
    }

    private static byte[] Put(byte[] bytes, int at, uint value)
    {
        byte[] copy = [.. bytes];
        BinaryPrimitives.WriteUInt32LittleEndian(copy.AsSpan(at), value);
        return copy;
    }
}
