using System;
using System.Buffers.Binary;
using System.IO;
using System.Security.Cryptography;
using System.Text;
using NfRuntime.Images.Signing;

namespace NfRuntime.Images.Capsule;

/// <summary>Writes capsule manifests. What it writes is read back by <see cref="ManifestReader"/>, so that each rule stands in one place.</summary>
public static class ManifestWriter
{
    /// <summary>The signed manifest, at most 1,024 bytes; the same manifest and key give the same bytes (RFC 6979).</summary>
    /// <exception cref="ManifestFormatException">A value is outside its range, or the manifest grows beyond 1,024 bytes.</exception>
    public static byte[] Write(CapsuleManifest manifest, ISigner signer)
    {
        ArgumentNullException.ThrowIfNull(signer);
        byte[] bytes = WriteUnsigned(manifest, signer.PublicKey.Id);
        int signed = bytes.Length - ManifestFormat.SignatureBytes;
        byte[] signature = signer.SignHash(SHA256.HashData(bytes.AsSpan(0, signed)));
        signature.CopyTo(bytes.AsSpan(signed));
        return bytes;
    }

    /// <summary>The manifest with a zero signature: with a hardware key its digest is the reproducible one.</summary>
    /// <exception cref="ManifestFormatException">A value is outside its range, or the manifest grows beyond 1,024 bytes.</exception>
    public static byte[] WriteUnsigned(CapsuleManifest manifest, KeyId keyId)
    {
        byte[] bytes = Encode(manifest, keyId);
        _ = ManifestReader.ReadUnverified(bytes);
        return bytes;
    }

    internal static byte[] Encode(CapsuleManifest manifest, KeyId keyId)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(keyId);
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(ManifestFormat.Magic);
        writer.Write(ManifestFormat.Major);
        writer.Write(ManifestFormat.Minor);
        writer.Write((ushort)0);
        WriteIdentity(writer, manifest);
        WriteNeeds(writer, manifest);
        foreach (SectionEntry section in manifest.Sections)
        {
            WriteSection(writer, section);
        }

        foreach (PreProcessing pre in manifest.Pre)
        {
            Tlv(writer, ManifestFormat.Pre, w => ProcessingCodec.Write(w, pre));
        }

        if (manifest.Post is { } post)
        {
            Tlv(writer, ManifestFormat.Post, w => ProcessingCodec.Write(w, post));
        }

        writer.Write(keyId.ToByteArray());
        writer.Write(new byte[ManifestFormat.SignatureBytes]);
        return Finish(stream.ToArray());
    }

    private static byte[] Finish(byte[] bytes)
    {
        if (bytes.Length > ManifestFormat.MaxBytes)
        {
            throw new ManifestFormatException(ManifestFormat.Document, ManifestFormat.MaxBytes, "total-bytes",
                $"the manifest takes {bytes.Length} bytes; a device reads at most {ManifestFormat.MaxBytes}");
        }

        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), (ushort)bytes.Length);
        return bytes;
    }

    private static void WriteIdentity(BinaryWriter writer, CapsuleManifest manifest)
    {
        Text(writer, ManifestFormat.Name, manifest.Name);
        Text(writer, ManifestFormat.Version, manifest.Version);
        Tlv(writer, ManifestFormat.Counter, w => w.Write(manifest.SecurityCounter));
        Text(writer, ManifestFormat.Target, manifest.Target);
    }

    private static void WriteNeeds(BinaryWriter writer, CapsuleManifest manifest)
    {
        EngineRequirement engine = manifest.Engine;
        Tlv(writer, ManifestFormat.Engine, w =>
        {
            w.Write(engine.AbiMajor);
            w.Write(engine.AbiMinor);
            w.Write(engine.PlanMajor);
            w.Write(engine.PlanMinor);
            w.Write((ushort)0);
            w.Write(engine.Layouts);
        });
        CapsuleNeeds needs = manifest.Needs;
        Tlv(writer, ManifestFormat.Needs, w =>
        {
            w.Write(needs.StateBytes);
            w.Write(needs.ArenaBytes);
            w.Write(needs.InputCopyBytes);
            w.Write(needs.StackBytes);
            w.Write(needs.DeadlineMs);
            w.Write(needs.ManagedHeapBytes);
        });
        Tlv(writer, ManifestFormat.Operators, w =>
        {
            w.Write((ulong)manifest.Operators.Bits);
            w.Write((ulong)(manifest.Operators.Bits >> 64));
        });
        if (manifest.Capabilities != CapsuleCapabilities.None)
        {
            Tlv(writer, ManifestFormat.Capabilities, w => w.Write((uint)manifest.Capabilities));
        }

        if (manifest.Processor is not null)
        {
            Text(writer, ManifestFormat.Processor, manifest.Processor);
        }
    }

    private static void WriteSection(BinaryWriter writer, SectionEntry section) => Tlv(writer, ManifestFormat.Section, w =>
    {
        w.Write((byte)section.Kind);
        w.Write((byte)0);
        w.Write((ushort)0);
        w.Write(section.Size);
        w.Write(section.Digest.ToByteArray());
    });

    private static void Text(BinaryWriter writer, ushort type, string text) =>
        Tlv(writer, type, w => w.Write(Encoding.UTF8.GetBytes(text)));

    private static void Tlv(BinaryWriter writer, ushort type, Action<BinaryWriter> value)
    {
        using var stream = new MemoryStream();
        using (var inner = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
        {
            value(inner);
        }

        byte[] bytes = stream.ToArray();
        writer.Write(type);
        writer.Write((ushort)Math.Min(bytes.Length, ushort.MaxValue)); // a longer one fails the total size
        writer.Write(bytes);
        writer.Write(new byte[-bytes.Length & 3]);
    }
}
