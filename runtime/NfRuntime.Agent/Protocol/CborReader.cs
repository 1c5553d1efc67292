namespace NfRuntime.Agent.Protocol;

/// <summary>
/// Reads documents (PROTOCOL.md §2). <see cref="Open"/> checks every rule of the encoding at once; then a caller takes item by item.
/// An item of another type, or out of the range that the caller states, sets <see cref="IsBad"/> for good and reads as 0 or empty.
/// Allocates nothing but texts. Untrusted: every byte.
/// </summary>
public sealed class CborReader
{
    /// <summary>Bytes of the largest document.</summary>
    public const int MaxBytes = 8192;

    /// <summary>Containers in one another, the document's map included.</summary>
    public const int MaxDepth = 6;

    // Of each open container: items that are to come, whether it is a map, its last key.
    private readonly int[] _left = new int[MaxDepth];
    private readonly bool[] _isMap = new bool[MaxDepth];
    private readonly ulong[] _lastKey = new ulong[MaxDepth];
    private readonly bool[] _hasKey = new bool[MaxDepth];
    private byte[] _data = null!;
    private int _count;
    private int _at;
    private int _type;
    private ulong _argument;

    /// <summary>Whether something was not as the caller asked for.</summary>
    public bool IsBad { get; private set; }

    /// <summary>Checks a whole document and goes to its start.</summary>
    /// <returns>False: it breaks a rule.</returns>
    public bool Open(byte[] data, int count)
    {
        _data = data;
        _count = count;
        _at = 0;
        IsBad = count > MaxBytes || !IsDocument();
        _at = 0;
        return !IsBad;
    }

    /// <summary>The caller has found something that the document may not say.</summary>
    public void Refuse()
    {
        IsBad = true;
    }

    /// <summary>Begins a map; its pairs.</summary>
    public int Map()
    {
        return (int)Take(Cbor.MapType, int.MaxValue);
    }

    /// <summary>Begins an array of at most <paramref name="most"/> items; how many it has.</summary>
    public int List(int most)
    {
        return (int)Take(Cbor.ArrayType, (ulong)most);
    }

    /// <summary>An unsigned integer of <paramref name="least"/> to <paramref name="most"/>.</summary>
    public ulong Unsigned(ulong least, ulong most)
    {
        ulong value = Take(Cbor.UnsignedType, most);
        IsBad |= value < least;
        return IsBad ? 0 : value;
    }

    /// <summary>An unsigned integer within an int.</summary>
    public int Number(int least, int most)
    {
        return (int)Unsigned((ulong)least, (ulong)most);
    }

    /// <summary>Exactly target.Length bytes.</summary>
    public void Bytes(byte[] target)
    {
        ulong length = Take(Cbor.BytesType, (ulong)target.Length);
        IsBad |= length != (ulong)target.Length;
        if (!IsBad)
        {
            System.Array.Copy(_data, _at, target, 0, target.Length);
            _at += target.Length;
        }
    }

    /// <summary>A text of so many bytes.</summary>
    public string Text(int least, int most)
    {
        int length = (int)Take(Cbor.TextType, (ulong)most);
        IsBad |= length < least;
        if (IsBad)
        {
            return string.Empty;
        }

        _at += length;
        return System.Text.Encoding.UTF8.GetString(_data, _at - length, length);
    }

    /// <summary>Goes over one item with all that it contains.</summary>
    public void Skip()
    {
        int items = IsBad ? 0 : 1;
        while (items > 0)
        {
            Head();
            items += Children() - 1;
        }
    }

    private bool IsDocument()
    {
        if (!Head() || _type != Cbor.MapType)
        {
            return false;
        }

        int depth = 0;
        if (!Push(0))
        {
            return false;
        }

        while (depth >= 0)
        {
            if (_left[depth] == 0)
            {
                depth--;
                continue;
            }

            bool isKey = _isMap[depth] && (_left[depth] & 1) == 0;
            _left[depth]--;
            if (!Head() || (isKey && !IsNextKey(depth)) || !IsContent())
            {
                return false;
            }

            if (_type == Cbor.ArrayType || _type == Cbor.MapType)
            {
                depth++;
                if (depth == MaxDepth || !Push(depth))
                {
                    return false;
                }
            }
        }

        return _at == _count;
    }

    // Each item takes a byte at least: a count beyond what is left is refused before it is believed.
    private bool Push(int depth)
    {
        ulong items = _argument;
        if (items > (ulong)(_count - _at))
        {
            return false;
        }

        _isMap[depth] = _type == Cbor.MapType;
        _left[depth] = _isMap[depth] ? 2 * (int)items : (int)items;
        _hasKey[depth] = false;
        return true;
    }

    private bool IsNextKey(int depth)
    {
        if (_type != Cbor.UnsignedType || (_hasKey[depth] && _argument <= _lastKey[depth]))
        {
            return false;
        }

        _hasKey[depth] = true;
        _lastKey[depth] = _argument;
        return true;
    }

    private bool IsContent()
    {
        if (_type == Cbor.NegativeType)
        {
            return _argument <= long.MaxValue;
        }

        if (_type != Cbor.BytesType && _type != Cbor.TextType)
        {
            return true;
        }

        if (_argument > (ulong)(_count - _at))
        {
            return false;
        }

        int start = _at;
        _at += (int)_argument;
        return _type == Cbor.BytesType || Utf8.IsValid(_data, start, (int)_argument);
    }

    // Type and argument of the next item, in the shortest form; false: there is none, or it is of a kind that documents lack.
    private bool Head()
    {
        if (_at >= _count)
        {
            return false;
        }

        int first = _data[_at++];
        int low = first & 31;
        _type = first >> 5;
        if (_type == Cbor.SimpleType)
        {
            _argument = (ulong)low;
            return low == Cbor.False || low == Cbor.True;
        }

        if (_type > Cbor.MapType || low > 27)
        {
            return false;
        }

        if (low < 24)
        {
            _argument = (ulong)low;
            return true;
        }

        return Argument(1 << (low - 24));
    }

    private bool Argument(int width)
    {
        if (width > _count - _at)
        {
            return false;
        }

        _argument = 0;
        for (int i = 0; i < width; i++)
        {
            _argument = (_argument << 8) | _data[_at++];
        }

        return width == 1 ? _argument >= 24 : _argument >> (4 * width) != 0;
    }

    // After a head: goes over bytes and texts, and tells how many items a container has.
    private int Children()
    {
        switch (_type)
        {
            case Cbor.BytesType:
            case Cbor.TextType:
                _at += (int)_argument;
                return 0;
            case Cbor.ArrayType:
                return (int)_argument;
            case Cbor.MapType:
                return 2 * (int)_argument;
            default:
                return 0;
        }
    }

    private ulong Take(int type, ulong most)
    {
        if (!IsBad && (!Head() || _type != type || _argument > most))
        {
            IsBad = true;
        }

        return IsBad ? 0 : _argument;
    }
}
