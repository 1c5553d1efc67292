using System;
using NfRuntime.Images.Signing;

namespace NfRuntime.Images.Capsule;

/// <summary>Reads capsule manifests from untrusted bytes in a device's order: size, signature, then content.</summary>
public static class ManifestReader
{
    /// <summary>Verifies and reads <paramref name="bytes"/> as a device with these trusted keys would.</summary>
    /// <param name="bytes">The whole manifest.</param>
    /// <param name="keys">Root-signed key list, already verified.</param>
    /// <param name="minimumCounter">Floor of the security counter.</param>
    /// <exception cref="ManifestFormatException">Refused; <see cref="ManifestFormatException.Error"/> says how a device answers.</exception>
    public static CapsuleManifest Read(ReadOnlySpan<byte> bytes, KeyList keys, uint minimumCounter = 0)
    {
        ArgumentNullException.ThrowIfNull(keys);
        CheckHeader(bytes);
        KeyId id = ReadKeyId(bytes);
        int at = bytes.Length - ManifestFormat.TrailerBytes;
        PublisherKey key = keys.Find(id) ?? throw Untrusted(at, "key-unknown", $"key {id} is not in key list {keys.Version} or is revoked");
        CheckSignature(bytes, key.PublicKey);
        CapsuleManifest manifest = new ManifestParser(bytes).Parse();
        if (!key.Covers(manifest.Name))
        {
            throw Untrusted(at, "key-prefix", $"key {id} may not sign the name {manifest.Name}");
        }

        return manifest.SecurityCounter >= minimumCounter
            ? manifest
            : throw new ManifestFormatException(ManifestFormat.Document, ManifestFormat.HeaderBytes, "counter-floor",
                $"security counter {manifest.SecurityCounter} is below {minimumCounter}", DeviceError.Rollback);
    }

    /// <summary>Verifies with one key, whatever its prefixes, and reads.</summary>
    /// <exception cref="ManifestFormatException">Refused.</exception>
    public static CapsuleManifest Read(ReadOnlySpan<byte> bytes, PublicKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        CheckHeader(bytes);
        if (ReadKeyId(bytes) != key.Id)
        {
            throw Untrusted(bytes.Length - ManifestFormat.TrailerBytes, "key-unknown", $"signed by key {ReadKeyId(bytes)}, not {key.Id}");
        }

        CheckSignature(bytes, key);
        return new ManifestParser(bytes).Parse();
    }

    /// <summary>Reads without a look at the signature: for showing what a manifest claims, never for deciding.</summary>
    /// <exception cref="ManifestFormatException">The bytes break a rule of the format.</exception>
    public static CapsuleManifest ReadUnverified(ReadOnlySpan<byte> bytes)
    {
        CheckHeader(bytes);
        return new ManifestParser(bytes).Parse();
    }

    /// <summary>The key that a manifest says it is signed with.</summary>
    /// <exception cref="ManifestFormatException">The header breaks a rule.</exception>
    public static KeyId ReadSigner(ReadOnlySpan<byte> bytes)
    {
        CheckHeader(bytes);
        return ReadKeyId(bytes);
    }

    private static void CheckHeader(ReadOnlySpan<byte> bytes)
    {
        var cursor = new ByteCursor(bytes, ManifestFormat.Document);
        cursor.Require(bytes.Length is >= ManifestFormat.MinBytes and <= ManifestFormat.MaxBytes && bytes.Length % 4 == 0,
            "size", $"{bytes.Length} bytes; {ManifestFormat.MinBytes} to {ManifestFormat.MaxBytes} in fours are allowed");
        cursor.Require(cursor.U32() == ManifestFormat.Magic, "magic", "not a capsule manifest");
        byte major = cursor.U8();
        cursor.Require(major == ManifestFormat.Major, "major", $"major version {major} is unknown", DeviceError.Version);
        _ = cursor.U8();
        ushort total = cursor.U16();
        cursor.Require(total == bytes.Length, "total-bytes", $"total_bytes is {total}, the manifest has {bytes.Length}");
    }

    private static KeyId ReadKeyId(ReadOnlySpan<byte> bytes) =>
        KeyId.FromBytes(bytes.Slice(bytes.Length - ManifestFormat.TrailerBytes, ManifestFormat.KeyIdBytes));

    private static void CheckSignature(ReadOnlySpan<byte> bytes, PublicKey key)
    {
        int signed = bytes.Length - ManifestFormat.SignatureBytes;
        if (!key.Verify(bytes[..signed], bytes[signed..]))
        {
            throw Untrusted(signed, "signature", $"the signature is not that of key {key.Id}");
        }
    }

    private static ManifestFormatException Untrusted(int offset, string rule, string detail) =>
        new(ManifestFormat.Document, offset, rule, detail, DeviceError.Signature);
}
