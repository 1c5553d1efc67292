using System;
using System.Collections.Generic;
using System.Reflection;
using NfRuntime.Native;

namespace NfRuntime.Agent.Tests.Protocol;

/// <summary>As much of a store as frames and deltas read: blobs in memory, and the CRC. Anything else is a mistake.</summary>
public class VectorStore : DispatchProxy
{
    private readonly Dictionary<string, byte[]> _blobs = [];

    public static IDeviceStore Of(params byte[][] blobs)
    {
        IDeviceStore store = Create<IDeviceStore, VectorStore>();
        foreach (byte[] blob in blobs)
        {
            ((VectorStore)store)._blobs[Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(blob))] = blob;
        }

        return store;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
    {
        nameof(IDeviceStore.Read) => Read((byte[])args![0]!, (int)args[1]!, (byte[])args[2]!, (int)args[3]!, (int)args[4]!),
        nameof(IDeviceStore.Crc32) => Crc((uint)args![0]!, (byte[])args[1]!, (int)args[2]!, (int)args[3]!),
        _ => throw new NotSupportedException(targetMethod.Name),
    };

    private int Read(byte[] digest, int offset, byte[] data, int at, int count)
    {
        if (!_blobs.TryGetValue(Convert.ToHexString(digest), out byte[]? blob))
        {
            return NativeError.NotFound;
        }

        if (offset < 0 || count < 0 || (long)offset + count > blob.Length)
        {
            return NativeError.Argument;
        }

        Array.Copy(blob, offset, data, at, count);
        return 0;
    }

    private static uint Crc(uint start, byte[] data, int offset, int count)
    {
        uint crc = ~start;
        for (int i = 0; i < count; i++)
        {
            crc ^= data[offset + i];
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) == 0 ? 0 : 0xEDB88320u);
            }
        }

        return ~crc;
    }
}
