using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using NfRuntime.Images.Store;

namespace NfRuntime.Images.Tests.Store;

/// <summary>Decoded records back to bytes (firmware/store/SPEC.md sections 4 and 7): a field read from the wrong place would move.</summary>
internal static class StoreEncoder
{
    private const ushort NoSlot = 0xFFFF;

    /// <summary>The content as hex; of a blob that is being written without size of chunks and bit set, which a view only counts.</summary>
    public static string Hex(StoreRecord record, byte version)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        switch (record)
        {
            case SettingsRecord settings: Write(writer, settings, version); break;
            case BlobRecord blob: Write(writer, blob); break;
            case NameRecord name: Write(writer, name, version); break;
            default: throw new ArgumentException($"{record}");
        }

        return Convert.ToHexStringLower(stream.ToArray());
    }

    private static void Write(BinaryWriter writer, SettingsRecord settings, byte version)
    {
        writer.Write(settings.KeyList ?? NoSlot);
        writer.Write(settings.Epoch);
        writer.Write(settings.KeyListVersion);
        writer.Write(settings.Generation);
        writer.Write(version == 1 ? [] : BitConverter.GetBytes(settings.KnownTime));
        writer.Write(Convert.FromHexString(settings.Firmware));
        writer.Write(settings.IsRestartPlanned);
        writer.Write(new byte[version == 1 ? 7 : 15]);
    }

    private static void Write(BinaryWriter writer, BlobRecord blob)
    {
        writer.Write(blob.Digest.ToByteArray());
        writer.Write(blob.Offset);
        writer.Write(blob.Bytes);
        writer.Write(blob.Copy ?? uint.MaxValue);
        writer.Write(blob.Frontier ?? uint.MaxValue);
        writer.Write((byte)blob.State);
        writer.Write(new byte[3]);
        writer.Write(blob.Written);
    }

    private static void Write(BinaryWriter writer, NameRecord name, byte version)
    {
        byte[] text = Encoding.UTF8.GetBytes(name.Name);
        writer.Write((byte)text.Length);
        writer.Write(name.Failures);
        writer.Write((ushort)0);
        writer.Write(name.Floor);
        for (int place = 0; place < 3; place++)
        {
            Write(writer, name.Versions.GetValueOrDefault((VersionPlace)place));
        }

        if (version != 1)
        {
            writer.Write(name.Rejected is { } digest ? digest.Manifest.ToByteArray() : new byte[32]);
            writer.Write((ushort)(name.Rejected?.Reason ?? 0));
            writer.Write(name.Rejected?.Detail ?? 0);
        }

        writer.Write(text);
        writer.Write(new byte[-text.Length & 3]);
    }

    private static void Write(BinaryWriter writer, VersionRecord? one)
    {
        if (one is null)
        {
            writer.Write(new byte[24]);
            return;
        }

        writer.Write([(byte)one.State, (byte)one.Reason, one.Strikes, one.Attempts]);
        writer.Write(one.Counter);
        one.Slots.ToList().ForEach(slot => writer.Write(slot ?? NoSlot));
        writer.Write((uint)one.Epoch);
    }
}
