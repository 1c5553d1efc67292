using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;

namespace NfRuntime.Fleet.Protocol;

/// <summary>Reads untrusted documents: PROTOCOL.md §2, and nothing else of CBOR.</summary>
internal ref struct CborReader
{
    public const int MaxBytes = 8192;
    private const int MaxNesting = 6;
    private const ulong Version = 1;
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private readonly ReadOnlySpan<byte> _bytes;
    private int _at;

    private CborReader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>The map of a document whose key 0 says version 1.</summary>
    /// <exception cref="ProtocolException">Refused.</exception>
    public static CborMap ReadDocument(ReadOnlySpan<byte> bytes, string what)
    {
        if (bytes.Length is 0 or > MaxBytes)
        {
            throw Malformed($"{what} has {bytes.Length} bytes; 1 to {MaxBytes} are allowed");
        }

        var reader = new CborReader(bytes);
        CborMap map = reader.Value(1).Map(what);
        if (reader._at != bytes.Length)
        {
            throw Malformed($"{what} has {bytes.Length - reader._at} bytes behind its end");
        }

        ulong version = map[0].UInt($"{what}'s version");
        return version == Version ? map : throw new ProtocolException(ProtocolError.Version, $"{what} is of version {version}; {Version} is known");
    }

    private CborValue Value(int depth)
    {
        byte first = Take(1)[0];
        if (first is CborMajor.True or CborMajor.False)
        {
            return CborValue.OfBool(first == CborMajor.True);
        }

        int major = first >> 5;
        ulong number = Number(first & 31);
        return major switch
        {
            CborMajor.Unsigned => CborValue.OfUnsigned(number),
            CborMajor.Negative => number <= long.MaxValue ? CborValue.OfNegative(number) : throw Malformed("a negative integer below −2^63"),
            CborMajor.Bytes => CborValue.OfBytes(Take(number).ToArray()),
            CborMajor.Text => CborValue.OfText(Text(Take(number))),
            CborMajor.Array => Array(number, Nested(depth)),
            CborMajor.Map => Map(number, Nested(depth)),
            _ => throw Malformed($"a tag, float or simple value (byte {first:x2})"),
        };
    }

    private ulong Number(int info)
    {
        if (info < CborMajor.OneByte)
        {
            return (ulong)info;
        }

        (ulong value, ulong least) = info switch
        {
            24 => ((ulong)Take(1)[0], 24ul),
            25 => (BinaryPrimitives.ReadUInt16BigEndian(Take(2)), 0x100ul),
            26 => (BinaryPrimitives.ReadUInt32BigEndian(Take(4)), 0x1_0000ul),
            27 => (BinaryPrimitives.ReadUInt64BigEndian(Take(8)), 0x1_0000_0000ul),
            _ => throw Malformed("an indefinite or reserved length"),
        };
        return value >= least ? value : throw Malformed("an integer that is not in its shortest form");
    }

    private CborValue Array(ulong count, int depth)
    {
        Afford(count, 1);
        var items = new List<CborValue>((int)count);
        for (ulong i = 0; i < count; i++)
        {
            items.Add(Value(depth));
        }

        return CborValue.OfArray(items);
    }

    private CborValue Map(ulong count, int depth)
    {
        Afford(count, 2);
        var pairs = new Dictionary<ulong, CborValue>((int)count);
        ulong last = 0;
        for (ulong i = 0; i < count; i++)
        {
            ulong key = Value(depth).UInt("a key");
            if (i > 0 && key <= last)
            {
                throw Malformed($"key {key} behind key {last}");
            }

            last = key;
            pairs.Add(key, Value(depth));
        }

        return CborValue.OfMap(pairs);
    }

    // Every item has a byte at least: a count that the rest cannot hold is refused before anything is allocated.
    private readonly void Afford(ulong count, ulong bytesEach)
    {
        if (count > (ulong)(_bytes.Length - _at) / bytesEach)
        {
            throw Malformed($"{count} items, and {_bytes.Length - _at} bytes left");
        }
    }

    private static int Nested(int depth) => depth <= MaxNesting ? depth + 1 : throw Malformed($"more than {MaxNesting} levels");

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)(_bytes.Length - _at))
        {
            throw Malformed("it ends too early");
        }

        ReadOnlySpan<byte> taken = _bytes.Slice(_at, (int)count);
        _at += (int)count;
        return taken;
    }

    private static string Text(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException)
        {
            throw Malformed("a text that is not UTF-8");
        }
    }

    private static ProtocolException Malformed(string message) => new(ProtocolError.Document, message);
}
