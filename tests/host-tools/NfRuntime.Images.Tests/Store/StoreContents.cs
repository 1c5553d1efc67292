using System;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using NfRuntime.Images.Store;

namespace NfRuntime.Images.Tests.Store;

/// <summary>Contents of records, for tests.</summary>
internal static class StoreContents
{
    public static byte[] U32s(params uint[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    public static byte[] Settings(ushort keyList, uint version = 3, ulong generation = 41, ulong time = 1_750_000_000, byte flags = 0) => Bytes(w =>
    {
        w.Write(keyList);
        w.Write((ushort)2);
        w.Write(version);
        w.Write(generation);
        w.Write(time);
        w.Write(Enumerable.Range(0xA0, 16).Select(i => (byte)i).ToArray());
        w.Write(flags);
        w.Write(new byte[15]);
    });

    public static byte[] SettingsV1(ushort keyList) => Bytes(w =>
    {
        w.Write(keyList);
        w.Write((ushort)2);
        w.Write(7u);
        w.Write(41ul);
        w.Write(new byte[16]);
        w.Write((byte)1);
        w.Write(new byte[7]);
    });

    public static byte[] Blob(byte[] content, uint offset, BlobState state = BlobState.Complete, uint frontier = FlashWriter.NoOffset, uint copy = FlashWriter.NoOffset) =>
        Blob(SHA256.HashData(content), offset, (uint)content.Length, state, frontier, copy);

    public static byte[] Blob(byte[] digest, uint offset, uint bytes, BlobState state, uint frontier = FlashWriter.NoOffset, uint copy = FlashWriter.NoOffset, params byte[] bits) => Bytes(w =>
    {
        w.Write(digest);
        w.Write(offset);
        w.Write(bytes);
        w.Write(copy);
        w.Write(frontier);
        w.Write((byte)state);
        w.Write((byte)(state == BlobState.Writing ? 9 : 0));
        w.Write((ushort)0);
        w.Write(bytes);
        w.Write(bits);
        w.Write(new byte[-bits.Length & 3]);
    });

    /// <summary>A name with versions by place (state 0: none); version 1 has no room for a rejection.</summary>
    public static byte[] Name(string name, (byte State, byte Reason, ushort[] Slots)[] places, bool rejected = false, bool isFirst = false) => Bytes(w =>
    {
        w.Write((byte)name.Length);
        w.Write((byte)(rejected ? 2 : 0));
        w.Write((ushort)0);
        w.Write(5u);
        for (int place = 0; place < 3; place++)
        {
            Version(w, place < places.Length ? places[place] : (0, 0, []));
        }

        if (!isFirst)
        {
            w.Write(new byte[32]);
            w.Write((byte)(rejected ? 9 : 0));
            w.Write((byte)0);
            w.Write((ushort)(rejected ? 3 : 0));
        }

        w.Write(Encoding.ASCII.GetBytes(name));
        w.Write(new byte[-name.Length & 3]);
    });

    private static void Version(BinaryWriter w, (byte State, byte Reason, ushort[] Slots) version)
    {
        if (version.State == 0)
        {
            w.Write(new byte[24]);
            return;
        }

        w.Write([version.State, version.Reason, (byte)1, (byte)2]);
        w.Write(6u);
        for (int i = 0; i < 6; i++)
        {
            w.Write(i < version.Slots.Length ? version.Slots[i] : FlashWriter.None);
        }

        w.Write(2u);
    }

    /// <summary>A blob's bytes.</summary>
    public static byte[] Data(int bytes, int seed)
    {
        var data = new byte[bytes];
        new Random(seed).NextBytes(data);
        return data;
    }

    private static byte[] Bytes(Action<BinaryWriter> write)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        write(writer);
        return stream.ToArray();
    }
}
