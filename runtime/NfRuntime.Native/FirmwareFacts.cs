#if !NANOFRAMEWORK_1_0
using System;
using System.Buffers.Binary;

namespace NfRuntime.Native;

/// <summary>What a firmware runs, for a capability document (struct nfr_native_facts of firmware/interop/nfr_native.h).</summary>
public sealed class FirmwareFacts
{
    internal const int ByteCount = 32;

    private readonly byte[] _bytes;

    internal FirmwareFacts(byte[] bytes)
    {
        _bytes = bytes;
    }

    /// <summary>Of the engine.</summary>
    public Version Abi => Version(0);

    /// <summary>Of the plan format.</summary>
    public Version Plan => Version(4);

    /// <summary>Bit set of enum nfr_layout.</summary>
    public uint Layouts => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(8));

    /// <summary>Bit set of enum nfr_capability.</summary>
    public uint Capabilities => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(12));

    /// <summary>Bit set of operator kinds, 16 bytes.</summary>
    public byte[] Operators => _bytes[16..];

    private Version Version(int offset)
    {
        uint word = BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(offset));
        return new Version((int)(word >> 16), (int)(word & 0xFFFF));
    }
}
#endif
