using System;

namespace NfRuntime.Native;

/// <summary>What a verified manifest says, and whether the capsule fits now (firmware/interop/nfr_native.h, nfr_native_summary).</summary>
public sealed class CapsuleSummary
{
    /// <summary>Bytes of the firmware's structure.</summary>
    public const int ByteCount = 412;

    private const int TextEnd = 304;  // name, version, target, processor, deficit
    private const int WordsStart = TextEnd + 24; // after key id and operators

    private readonly byte[] _bytes;

    internal CapsuleSummary(byte[] bytes)
    {
        _bytes = bytes;
    }

    public string Name => Text(0, 68);

    public string Version => Text(68, 36);

    public string Target => Text(104, 36);

    /// <summary>Full type name of the managed processor; empty for none.</summary>
    public string Processor => Text(140, 100);

    /// <summary>What does not fit, as a sentence; empty when it fits.</summary>
    public string Deficit => Text(240, 64);

    public int SecurityCounter => Word(0);

    /// <summary>Milliseconds that an inference may take; 0: no limit.</summary>
    public int DeadlineMilliseconds => Word(9);

    /// <summary>Bytes of a section by its kind (firmware/capsule/SPEC.md); 0: absent.</summary>
    public int SectionBytes(int kind)
    {
        return Word(11 + kind);
    }

    /// <summary>One of <see cref="NativeError"/>: how verification went.</summary>
    public int Error => Word(19);

    /// <summary>One of <see cref="NativeError"/>: whether it fits this device as it is now.</summary>
    public int Fits => Word(20);

    private int Word(int index)
    {
        return BitConverter.ToInt32(_bytes, WordsStart + (4 * index));
    }

    private string Text(int start, int capacity)
    {
        int length = 0;
        while (length < capacity && _bytes[start + length] != 0)
        {
            length++;
        }

        byte[] text = new byte[length];
        Array.Copy(_bytes, start, text, 0, length);
        return Words32.ToText(text, length);
    }
}
