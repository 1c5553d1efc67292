using System;
using System.Numerics;
using System.Runtime.InteropServices;

namespace NfRuntime.Model.Reference;

/// <summary>Sums of products; int32 sums wrap, so that their order does not matter and vectors may be used.</summary>
internal static class DotProduct
{
    /// <summary>Σ a[i] × b[i] modulo 2^32.</summary>
    public static int Int32(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        int sum = 0;
        int i = 0;
        if (a.Length >= Vector<int>.Count)
        {
            ReadOnlySpan<Vector<int>> va = MemoryMarshal.Cast<int, Vector<int>>(a);
            ReadOnlySpan<Vector<int>> vb = MemoryMarshal.Cast<int, Vector<int>>(b[..a.Length]);
            Vector<int> sums = Vector<int>.Zero;
            for (int v = 0; v < va.Length; v++)
            {
                sums += va[v] * vb[v];
            }

            sum = Vector.Sum(sums);
            i = va.Length * Vector<int>.Count;
        }

        for (; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    /// <summary>Σ a[i] × b[i] in 64 bits.</summary>
    public static long Int64(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        long sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += (long)a[i] * b[i];
        }

        return sum;
    }
}
