#if !NANOFRAMEWORK_1_0
using System;
using System.Buffers.Binary;
using System.Text;

namespace NfRuntime.Native;

/// <summary>What the firmware cannot know of a board (net10.0; firmware/interop/nfr_native.h, struct nfr_native_board).</summary>
public sealed class NativeBoard
{
    private const int TargetBytes = 36;
    private const int ByteCount = TargetBytes + 16;

    /// <summary>What manifests must name as their target, at most 35 bytes.</summary>
    public string Target { get; init; } = "host";

    /// <summary>Stack that an inference may take.</summary>
    public uint StackBytes { get; init; } = uint.MaxValue;

    /// <summary>Managed heap that a processor may take.</summary>
    public uint ManagedHeapBytes { get; init; } = uint.MaxValue;

    /// <summary>Bit set of capabilities (firmware/capsule/SPEC.md).</summary>
    public uint Capabilities { get; init; } = (1u << 7) - 1;

    /// <summary>Largest slice in instructions; 0: no limit.</summary>
    public uint MaxSlice { get; init; }

    internal byte[] Bytes()
    {
        byte[] target = Encoding.UTF8.GetBytes(Target);
        byte[] bytes = new byte[ByteCount];
        Array.Copy(target, bytes, Math.Min(target.Length, TargetBytes)); // 36 bytes are not terminated: the firmware refuses them
        uint[] words = { StackBytes, ManagedHeapBytes, Capabilities, MaxSlice };
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(TargetBytes + (4 * i)), words[i]);
        }

        return bytes;
    }
}
#endif
