using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using NfRuntime.Images.Signing;

namespace NfRuntime.Images.Capsule;

/// <summary>Key lists as bytes: firmware/capsule/SPEC.md, section 4.</summary>
public static class KeyListFile
{
    public const int MaxBytes = 4096;
    private const string Document = "key list";
    private const uint Magic = 0x4B52464E; // "NFRK"
    private const byte Major = 1;
    private const int HeaderBytes = 16;
    private const int MinBytes = HeaderBytes + EcdsaP256.SignatureBytes;

    /// <summary>The list, signed by <paramref name="root"/>.</summary>
    /// <exception cref="ManifestFormatException">The list breaks a rule, or takes more than 4,096 bytes.</exception>
    public static byte[] Write(KeyList list, ISigner root)
    {
        ArgumentNullException.ThrowIfNull(list);
        ArgumentNullException.ThrowIfNull(root);
        byte[] bytes = Encode(list);
        int signed = bytes.Length - EcdsaP256.SignatureBytes;
        root.SignHash(SHA256.HashData(bytes.AsSpan(0, signed))).CopyTo(bytes.AsSpan(signed));
        _ = Read(bytes, root.PublicKey);
        return bytes;
    }

    /// <summary>Verifies with the root key and reads.</summary>
    /// <param name="bytes">The whole list.</param>
    /// <param name="root">The key in the firmware.</param>
    /// <param name="minimumVersion">The version that is known already.</param>
    /// <exception cref="ManifestFormatException">Refused.</exception>
    public static KeyList Read(ReadOnlySpan<byte> bytes, PublicKey root, uint minimumVersion = 0)
    {
        ArgumentNullException.ThrowIfNull(root);
        CheckHeader(bytes);
        int signed = bytes.Length - EcdsaP256.SignatureBytes;
        var cursor = new ByteCursor(bytes[..signed], Document);
        if (!root.Verify(bytes[..signed], bytes[signed..]))
        {
            throw new ManifestFormatException(Document, signed, "signature", $"the signature is not that of root key {root.Id}", DeviceError.Signature);
        }

        _ = cursor.Take(8);
        uint version = cursor.U32();
        KeyList list = ReadBody(ref cursor, version);
        return version >= minimumVersion
            ? list
            : throw new ManifestFormatException(Document, 8, "version-floor", $"version {version} is below {minimumVersion}", DeviceError.Rollback);
    }

    private static void CheckHeader(ReadOnlySpan<byte> bytes)
    {
        var cursor = new ByteCursor(bytes, Document);
        cursor.Require(bytes.Length is >= MinBytes and <= MaxBytes && bytes.Length % 4 == 0,
            "size", $"{bytes.Length} bytes; {MinBytes} to {MaxBytes} in fours are allowed");
        cursor.Require(cursor.U32() == Magic, "magic", "not a key list");
        byte major = cursor.U8();
        cursor.Require(major == Major, "major", $"major version {major} is unknown", DeviceError.Version);
        _ = cursor.U8();
        ushort total = cursor.U16();
        cursor.Require(total == bytes.Length, "total-bytes", $"total_bytes is {total}, the list has {bytes.Length}");
    }

    private static KeyList ReadBody(ref ByteCursor cursor, uint version)
    {
        byte keyCount = cursor.U8();
        cursor.Require(keyCount <= KeyList.MaxKeys, "key-count", $"{keyCount} keys; at most {KeyList.MaxKeys} are allowed");
        byte revokedCount = cursor.U8();
        cursor.Require(revokedCount <= KeyList.MaxRevoked, "revoked-count", $"{revokedCount} revoked keys; at most {KeyList.MaxRevoked} are allowed");
        cursor.Zeros(2);
        var keys = new List<PublisherKey>(keyCount);
        for (int i = 0; i < keyCount; i++)
        {
            PublisherKey key = ReadKey(ref cursor);
            cursor.Require(keys.TrueForAll(k => k.PublicKey.Id != key.PublicKey.Id), "key-distinct", $"key {key.PublicKey.Id} appears twice");
            keys.Add(key);
        }

        var revoked = new List<KeyId>(revokedCount);
        for (int i = 0; i < revokedCount; i++)
        {
            KeyId id = KeyId.FromBytes(cursor.Take(KeyId.ByteCount));
            cursor.Require(!revoked.Contains(id), "revoked-distinct", $"key {id} is revoked twice");
            revoked.Add(id);
        }

        cursor.Require(cursor.Remaining == 0, "exact-end", $"{cursor.Remaining} bytes lie between the list and its signature");
        return new KeyList(version, keys, revoked);
    }

    private static PublisherKey ReadKey(ref ByteCursor cursor)
    {
        int start = cursor.Offset;
        ByteCursor at = cursor;
        ReadOnlySpan<byte> xy = cursor.Take(PublicKey.ByteCount);
        PublicKey key;
        try
        {
            key = PublicKey.FromBytes(xy);
        }
        catch (KeyException)
        {
            throw at.Fail("key-point", "not a point of the curve P-256");
        }

        byte count = cursor.U8();
        cursor.Require(count is >= 1 and <= PublisherKey.MaxPrefixes, "prefix-count", $"{count} prefixes; 1 to {PublisherKey.MaxPrefixes} are allowed");
        cursor.Zeros(3);
        var prefixes = new string[count];
        for (int i = 0; i < count; i++)
        {
            byte length = cursor.U8();
            string prefix = Encoding.Latin1.GetString(cursor.Take(length));
            cursor.Require(ManifestText.IsPrefix(prefix), "prefix", "not a name prefix");
            prefixes[i] = prefix;
        }

        cursor.PadTo4(cursor.Offset - start);
        return new PublisherKey(key, prefixes);
    }

    internal static byte[] Encode(KeyList list)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Magic);
        writer.Write(Major);
        writer.Write((byte)0);
        writer.Write((ushort)0);
        writer.Write(list.Version);
        writer.Write((byte)Math.Min(list.Keys.Count, byte.MaxValue));
        writer.Write((byte)Math.Min(list.Revoked.Count, byte.MaxValue));
        writer.Write((ushort)0);
        foreach (PublisherKey key in list.Keys)
        {
            WriteKey(writer, key);
        }

        foreach (KeyId id in list.Revoked)
        {
            writer.Write(id.ToByteArray());
        }

        writer.Write(new byte[EcdsaP256.SignatureBytes]);
        byte[] bytes = stream.ToArray();
        if (bytes.Length > MaxBytes)
        {
            throw new ManifestFormatException(Document, MaxBytes, "size", $"the list takes {bytes.Length} bytes; a device reads at most {MaxBytes}");
        }

        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), (ushort)bytes.Length);
        return bytes;
    }

    private static void WriteKey(BinaryWriter writer, PublisherKey key)
    {
        writer.Write(key.PublicKey.Bytes);
        writer.Write((byte)Math.Min(key.Prefixes.Count, byte.MaxValue));
        writer.Write(new byte[3]);
        byte[][] prefixes = [.. key.Prefixes.Select(Encoding.UTF8.GetBytes)];
        foreach (byte[] prefix in prefixes)
        {
            writer.Write((byte)Math.Min(prefix.Length, byte.MaxValue));
            writer.Write(prefix);
        }

        writer.Write(new byte[-prefixes.Sum(p => p.Length + 1) & 3]);
    }
}
