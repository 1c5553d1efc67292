using System;

namespace NfRuntime.Agent.Protocol;

/// <summary>SHA-256 values, 32 bytes.</summary>
internal static class Digests
{
    internal const int Bytes = 32;

    internal static bool AreEqual(byte[] a, byte[] b)
    {
        for (int i = 0; i < Bytes; i++)
        {
            if (a[i] != b[i])
            {
                return false;
            }
        }

        return true;
    }

    internal static void Copy(byte[] from, byte[] to)
    {
        Array.Copy(from, 0, to, 0, Bytes);
    }
}
