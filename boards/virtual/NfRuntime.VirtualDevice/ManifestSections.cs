using System;
using System.Buffers.Binary;

namespace NfRuntime.VirtualDevice;

/// <summary>Finds the digests of sections in a manifest that the firmware has verified (firmware/capsule/SPEC.md §1, TLV 0x8010).</summary>
internal sealed class ManifestSections(byte[] manifest)
{
    private const int HeaderBytes = 8;
    private const int TrailerBytes = 72;
    private const ushort SectionType = 0x8010;
    private const int SectionBytes = 40;

    public bool TryFind(int kind, out string digest, out uint size)
    {
        ReadOnlySpan<byte> tlvs = manifest.AsSpan(HeaderBytes, manifest.Length - TrailerBytes - HeaderBytes);
        while (tlvs.Length >= 4)
        {
            ushort type = BinaryPrimitives.ReadUInt16LittleEndian(tlvs);
            int length = BinaryPrimitives.ReadUInt16LittleEndian(tlvs[2..]);
            ReadOnlySpan<byte> value = tlvs.Slice(4, length);
            if (type == SectionType && length == SectionBytes && value[0] == kind)
            {
                size = BinaryPrimitives.ReadUInt32LittleEndian(value[4..]);
                digest = "sha256:" + Convert.ToHexStringLower(value[8..]);
                return true;
            }

            tlvs = tlvs[(4 + ((length + 3) & ~3))..];
        }

        digest = string.Empty;
        size = 0;
        return false;
    }
}
