using System;

namespace NfRuntime.Native;

/// <summary>Reads what the firmware wrote as 32-bit words or bytes.</summary>
internal static class Words32
{
    /// <summary>The float with these bits.</summary>
    internal static float ToSingle(int bits)
    {
        return BitConverter.ToSingle(BitConverter.GetBytes(bits), 0);
    }

    /// <summary>UTF-8 text of <paramref name="length"/> bytes.</summary>
    internal static string ToText(byte[] bytes, int length)
    {
        return System.Text.Encoding.UTF8.GetString(bytes, 0, length);
    }
}
