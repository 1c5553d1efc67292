using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace NfRuntime.Images.Oci;

/// <summary>A file in an archive: its name, and where its bytes lie.</summary>
internal readonly record struct TarFile(string Name, long Offset, int Size);

/// <summary>
/// The table of contents of a hostile tar file (POSIX ustar). The base library's reader follows extended headers, links and sizes that an
/// attacker chooses; here only regular files and folders exist, every other type refuses the archive.
/// </summary>
internal static class TarIndex
{
    private const int Block = 512;
    private const int MaxFiles = 4096;

    /// <exception cref="ContentException">No plain tar file.</exception>
    public static IReadOnlyList<TarFile> Read(Stream archive)
    {
        var files = new List<TarFile>();
        var header = new byte[Block];
        for (long at = 0; ;)
        {
            archive.Position = at;
            if (archive.ReadAtLeast(header, Block, throwOnEndOfStream: false) < Block)
            {
                throw new ContentException(ContentError.Malformed, "the archive ends without its end mark");
            }

            if (!header.AsSpan().ContainsAnyExcept((byte)0))
            {
                return files;
            }

            if (ReadHeader(header, at + Block) is { } file)
            {
                files.Add(file);
                at += ((long)file.Size + Block - 1) / Block * Block;
                if (at + Block > archive.Length || files.Count > MaxFiles)
                {
                    throw new ContentException(ContentError.Malformed, $"the archive ends inside {file.Name}, or holds more than {MaxFiles} files");
                }
            }

            at += Block;
        }
    }

    private static TarFile? ReadHeader(ReadOnlySpan<byte> header, long dataOffset)
    {
        CheckSum(header);
        string name = Text(header[..100]);
        string prefix = header.Slice(257, 5).SequenceEqual("ustar"u8) && header[262] == 0 ? Text(header.Slice(345, 155)) : "";
        char type = (char)header[156];
        long size = Octal(header.Slice(124, 12));
        if (type == '5' && size == 0)
        {
            return null;
        }

        if (type is not ('0' or '\0'))
        {
            throw new ContentException(ContentError.Irregular, $"the archive holds an entry of type '{Printable(type)}'; only regular files are read");
        }

        return size <= OciLimits.LayerBytes
            ? new TarFile(prefix.Length == 0 ? name : prefix + "/" + name, dataOffset, (int)size)
            : throw new ContentException(ContentError.TooLarge, $"the archive holds a file of {size} bytes; at most {OciLimits.LayerBytes} are read");
    }

    private static void CheckSum(ReadOnlySpan<byte> header)
    {
        long sum = 8 * ' ';
        for (int i = 0; i < Block; i++)
        {
            sum += i is >= 148 and < 156 ? 0 : header[i];
        }

        if (Octal(header.Slice(148, 8)) != sum)
        {
            throw new ContentException(ContentError.Malformed, "not a tar file: a header's checksum is wrong");
        }
    }

    private static long Octal(ReadOnlySpan<byte> field)
    {
        long value = 0;
        foreach (byte b in field.Trim(" \0"u8))
        {
            value = b is >= (byte)'0' and <= (byte)'7'
                ? (value * 8) + (b - '0')
                : throw new ContentException(ContentError.Malformed, "not a tar file: a number in a header is no octal");
        }

        return value;
    }

    private static string Text(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? field : field[..end]);
    }

    private static string Printable(char type) => char.IsAsciiLetterOrDigit(type) ? type.ToString() : $"\\x{(int)type:x2}";
}
