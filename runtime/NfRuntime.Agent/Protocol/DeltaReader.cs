using System;
using NfRuntime.Native;

namespace NfRuntime.Agent.Protocol;

/// <summary>
/// Makes a blob from one that is here and a delta that is here (PROTOCOL.md §6), from its start to its end, a chunk at a time. Needs
/// no more memory than a window on the delta. Untrusted: every byte of the delta; what comes out is hashed by whoever writes it.
/// </summary>
public sealed class DeltaReader
{
    /// <summary>Bytes before the operations.</summary>
    public const int HeaderBytes = 88;

    private const uint Magic = 0x4452464E;
    private const int MaxOperations = 65535;
    private const int WindowBytes = 128;

    private readonly IDeviceStore _store;
    private readonly byte[] _delta;
    private readonly byte[] _base = new byte[32];
    private readonly byte[] _window = new byte[WindowBytes];
    private readonly int _bytes;
    private int _windowStart;
    private int _windowCount;
    private int _at;
    private int _baseBytes;
    private int _operations;
    private int _rest; // of the operation that is being followed
    private int _copyAt; // −1: it inserts
    private int _made;

    /// <param name="store">Holds delta and base.</param>
    /// <param name="delta">Digest of the delta, a complete blob.</param>
    /// <param name="bytes">Bytes of the delta.</param>
    public DeltaReader(IDeviceStore store, byte[] delta, int bytes)
    {
        _store = store;
        _delta = delta;
        _bytes = bytes;
    }

    /// <summary>Bytes of what comes out.</summary>
    public int TargetBytes { get; private set; }

    /// <summary>Reads the header.</summary>
    /// <returns>0, or a negative <see cref="NativeError"/>: Corrupt, Version, or of reading.</returns>
    public int Open(byte[] baseDigest, byte[] targetDigest)
    {
        byte[] header = new byte[HeaderBytes];
        int error = _bytes < HeaderBytes ? NativeError.Corrupt : _store.Read(_delta, 0, header, 0, HeaderBytes);
        if (error < 0)
        {
            return error;
        }

        if (Word(header, 0) != Magic || header[6] != 0 || header[7] != 0 || Word(header, 84) != 0)
        {
            return NativeError.Corrupt;
        }

        if (header[4] != 1)
        {
            return NativeError.Version;
        }

        Array.Copy(baseDigest, 0, _base, 0, 32);
        _baseBytes = (int)Word(header, 72);
        TargetBytes = (int)Word(header, 76);
        uint operations = Word(header, 80);
        bool isRight = IsAt(header, 8, baseDigest) && IsAt(header, 40, targetDigest) && _baseBytes > 0 && TargetBytes > 0 && operations > 0 && operations <= MaxOperations;
        _operations = (int)operations;
        _at = HeaderBytes;
        return isRight ? 0 : NativeError.Corrupt;
    }

    /// <summary>The next bytes of the target; those that are not wanted are passed over.</summary>
    /// <returns>0, Corrupt, or an error of reading.</returns>
    public int Next(byte[] target, int count, bool isWanted)
    {
        int done = 0;
        while (done < count)
        {
            int error = _rest == 0 ? Operation() : 0;
            if (error < 0)
            {
                return error;
            }

            int part = _rest < count - done ? _rest : count - done;
            error = isWanted ? Take(target, done, part) : 0;
            if (error < 0)
            {
                return error;
            }

            if (_copyAt >= 0)
            {
                _copyAt += part;
            }
            else
            {
                _at += part;
            }

            _rest -= part;
            done += part;
        }

        _made += done;
        return _made == TargetBytes && (_rest != 0 || _operations != 0 || _at != _bytes) ? NativeError.Corrupt : 0;
    }

    private int Take(byte[] target, int at, int count)
    {
        return _copyAt >= 0 ? _store.Read(_base, _copyAt, target, at, count) : _store.Read(_delta, _at, target, at, count);
    }

    private int Operation()
    {
        if (_operations == 0)
        {
            return NativeError.Corrupt;
        }

        _operations--;
        long head = Varint();
        _copyAt = -1;
        if ((head & 1) == 0)
        {
            long from = Varint();
            if (from < 0 || from + (head >> 1) > _baseBytes)
            {
                return NativeError.Corrupt;
            }

            _copyAt = (int)from;
        }

        bool isInside = _copyAt >= 0 || (head >> 1) <= _bytes - _at;
        if (head < 2 || (head >> 1) > TargetBytes || !isInside)
        {
            return NativeError.Corrupt;
        }

        _rest = (int)(head >> 1);
        return 0;
    }

    // −1: it does not end, or has more than 5 bytes.
    private long Varint()
    {
        long value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            int next = Byte();
            if (next < 0)
            {
                return -1;
            }

            value |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        return -1;
    }

    private int Byte()
    {
        if (_at >= _bytes)
        {
            return -1;
        }

        if (_at < _windowStart || _at >= _windowStart + _windowCount)
        {
            int count = _bytes - _at < WindowBytes ? _bytes - _at : WindowBytes;
            if (_store.Read(_delta, _at, _window, 0, count) < 0)
            {
                return -1;
            }

            _windowStart = _at;
            _windowCount = count;
        }

        return _window[_at++ - _windowStart];
    }

    private static uint Word(byte[] bytes, int at)
    {
        return (uint)(bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24));
    }

    private static bool IsAt(byte[] bytes, int at, byte[] digest)
    {
        for (int i = 0; i < digest.Length; i++)
        {
            if (bytes[at + i] != digest[i])
            {
                return false;
            }
        }

        return true;
    }
}
