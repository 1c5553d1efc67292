using System.Collections.Generic;

namespace NfRuntime.Fleet.Protocol;

/// <summary>One value of a document that was read.</summary>
internal sealed class CborValue
{
    private readonly string _type;
    private readonly ulong _number;
    private readonly object? _content;

    private CborValue(string type, ulong number, object? content = null) => (_type, _number, _content) = (type, number, content);

    public static CborValue OfUnsigned(ulong value) => new("unsigned", value);

    public static CborValue OfNegative(ulong encoded) => new("negative", encoded);

    public static CborValue OfBool(bool value) => new("boolean", value ? 1u : 0u);

    public static CborValue OfBytes(byte[] value) => new("bytes", 0, value);

    public static CborValue OfText(string value) => new("text", 0, value);

    public static CborValue OfArray(IReadOnlyList<CborValue> items) => new("array", 0, items);

    public static CborValue OfMap(IReadOnlyDictionary<ulong, CborValue> pairs) => new("map", 0, pairs);

    /// <exception cref="ProtocolException">Another type, or above <paramref name="max"/> or below <paramref name="min"/>.</exception>
    public ulong UInt(string what, ulong max = ulong.MaxValue, ulong min = 0) => _type == "unsigned" && _number >= min && _number <= max
        ? _number
        : throw Wrong(what, $"an unsigned integer from {min} to {max}");

    /// <summary>As <see cref="UInt"/>, to 2^31 − 1.</summary>
    public int Int32(string what, int max = int.MaxValue, int min = 0) => (int)UInt(what, (ulong)max, (ulong)min);

    /// <summary>As <see cref="UInt"/>, to 2^32 − 1.</summary>
    public uint UInt32(string what) => (uint)UInt(what, uint.MaxValue);

    /// <summary>As <see cref="UInt"/>, to 2^63 − 1.</summary>
    public long Int64(string what) => (long)UInt(what, long.MaxValue);

    /// <exception cref="ProtocolException">Another type.</exception>
    public bool Bool(string what) => _type == "boolean" ? _number == 1 : throw Wrong(what, "true or false");

    /// <exception cref="ProtocolException">Another type or length.</exception>
    public byte[] Bytes(string what, int max, int min = 0) => _content is byte[] bytes && bytes.Length >= min && bytes.Length <= max
        ? bytes
        : throw Wrong(what, min == max ? $"{min} bytes" : $"{min} to {max} bytes");

    /// <exception cref="ProtocolException">Another type, or longer than so many bytes of UTF-8.</exception>
    public string Text(string what, int max, int min = 0) => _content is string text && System.Text.Encoding.UTF8.GetByteCount(text) is int bytes && bytes >= min && bytes <= max
        ? text
        : throw Wrong(what, $"a text of {min} to {max} bytes");

    /// <exception cref="ProtocolException">Another type, or another number of items.</exception>
    public IReadOnlyList<CborValue> Array(string what, int max, int min = 0) => _content is IReadOnlyList<CborValue> items && items.Count >= min && items.Count <= max
        ? items
        : throw Wrong(what, min == max ? $"an array of {min}" : $"an array of {min} to {max}");

    /// <exception cref="ProtocolException">Another type.</exception>
    public CborMap Map(string what) => _content is IReadOnlyDictionary<ulong, CborValue> pairs ? new CborMap(pairs, what) : throw Wrong(what, "a map");

    private static ProtocolException Wrong(string what, string expected) => new(ProtocolError.Document, $"{what} is to be {expected}");
}

/// <summary>A map of a document; unknown keys are simply not asked for.</summary>
internal readonly struct CborMap(IReadOnlyDictionary<ulong, CborValue> pairs, string what)
{
    /// <summary>The value of a key that has to be there.</summary>
    /// <exception cref="ProtocolException">It is missing.</exception>
    public CborValue this[ulong key] => pairs.TryGetValue(key, out CborValue? value)
        ? value
        : throw new ProtocolException(ProtocolError.Document, $"{what} lacks key {key}");

    /// <summary>The value of a key, or null.</summary>
    public CborValue? Find(ulong key) => pairs.GetValueOrDefault(key);
}
