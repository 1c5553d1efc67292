using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>Dimensions of a rank 4 tensor, NHWC (weights: OHWI or 1HWO).</summary>
internal readonly struct NhwcShape
{
    /// <summary>Reads a tensor's shape.</summary>
    /// <exception cref="NotSupportedException">The rank is not 4.</exception>
    public NhwcShape(Tensor tensor)
    {
        if (tensor.Shape.Count != 4)
        {
            throw new NotSupportedException($"Tensor '{tensor.Name}' has rank {tensor.Shape.Count}; it must be 4.");
        }

        N = tensor.Shape[0];
        H = tensor.Shape[1];
        W = tensor.Shape[2];
        C = tensor.Shape[3];
    }

    /// <summary>Batches, or filters.</summary>
    public int N { get; }

    /// <summary>Rows.</summary>
    public int H { get; }

    /// <summary>Columns.</summary>
    public int W { get; }

    /// <summary>Channels.</summary>
    public int C { get; }

    /// <summary>Index of an element.</summary>
    public int Offset(int n, int y, int x, int c) => (((((n * H) + y) * W) + x) * C) + c;
}

/// <summary>The positions of a filter along one dimension that fall inside the input: First ≤ f &lt; End.</summary>
/// <param name="First">First position inside.</param>
/// <param name="End">One past the last position inside.</param>
internal readonly record struct Window(int First, int End)
{
    /// <summary>Positions f with 0 ≤ origin + f × dilation &lt; size.</summary>
    public static Window Of(int origin, int filter, int dilation, int size)
    {
        int first = origin >= 0 ? 0 : (-origin + dilation - 1) / dilation;
        int end = origin >= size ? 0 : ((size - 1 - origin) / dilation) + 1;
        return new Window(first, Math.Min(end, filter));
    }
}
