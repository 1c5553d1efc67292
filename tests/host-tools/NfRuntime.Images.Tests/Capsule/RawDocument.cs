using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Signing;

namespace NfRuntime.Images.Tests.Capsule;

/// <summary>A manifest taken apart, so that a test breaks exactly one rule and signs the rest properly.</summary>
internal sealed class RawManifest(CapsuleManifest manifest)
{
    public List<(ushort Type, byte[] Value)> Tlvs { get; } = Split(ManifestWriter.Encode(manifest, TestKeys.Publisher.PublicKey.Id));

    public static byte[] Broken(CapsuleManifest manifest, Action<RawManifest> change)
    {
        var raw = new RawManifest(manifest);
        change(raw);
        return Sign(raw.Join(), TestKeys.Publisher);
    }

    /// <summary>The value of the only TLV of this type, to be changed in place.</summary>
    public byte[] this[ushort type]
    {
        get => Tlvs.Single(t => t.Type == type).Value;
        set => Tlvs[Tlvs.FindIndex(t => t.Type == type)] = (type, value);
    }

    /// <summary>All TLV values of this type.</summary>
    public byte[][] All(ushort type) => [.. Tlvs.Where(t => t.Type == type).Select(t => t.Value)];

    public void Remove(ushort type) => Tlvs.RemoveAll(t => t.Type == type);

    /// <summary>Sets the size and signs what stands there.</summary>
    public static byte[] Sign(byte[] bytes, SigningKey key, bool setSize = true)
    {
        if (setSize)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), (ushort)bytes.Length);
        }

        key.PublicKey.Id.ToByteArray().CopyTo(bytes.AsSpan(bytes.Length - 72));
        key.SignHash(SHA256.HashData(bytes.AsSpan(0, bytes.Length - 64))).CopyTo(bytes.AsSpan(bytes.Length - 64));
        return bytes;
    }

    public byte[] Join()
    {
        var bytes = new List<byte>([0x4E, 0x46, 0x52, 0x43, 1, 0, 0, 0]);
        foreach ((ushort type, byte[] value) in Tlvs)
        {
            bytes.AddRange([(byte)type, (byte)(type >> 8), (byte)value.Length, (byte)(value.Length >> 8), .. value]);
            bytes.AddRange(new byte[-value.Length & 3]);
        }

        return [.. bytes, .. new byte[72]];
    }

    private static List<(ushort Type, byte[] Value)> Split(byte[] bytes)
    {
        var tlvs = new List<(ushort, byte[])>();
        for (int at = 8; at < bytes.Length - 72;)
        {
            ushort type = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));
            ushort length = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at + 2));
            tlvs.Add((type, bytes.AsSpan(at + 4, length).ToArray()));
            at += 4 + ((length + 3) & ~3);
        }

        return tlvs;
    }
}

/// <summary>Bytes with a 64-byte root signature at their end.</summary>
internal static class RawKeyList
{
    public static byte[] Broken(KeyList list, Func<byte[], byte[]> change)
    {
        byte[] bytes = change(KeyListFile.Encode(list));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), (ushort)bytes.Length);
        return Sign(bytes, TestKeys.Root);
    }

    public static byte[] Sign(byte[] bytes, SigningKey root)
    {
        root.SignHash(SHA256.HashData(bytes.AsSpan(0, bytes.Length - 64))).CopyTo(bytes.AsSpan(bytes.Length - 64));
        return bytes;
    }
}
