using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Plan.Lowering;

/// <summary>Geometry of CONV_2D in <see cref="WeightLayout.Smlad"/>: the formulas of firmware/engine/SPEC.md section 6.</summary>
internal static class SmladTiles
{
    /// <summary>Pixels of a row, or rows of one pixel, that the kernels compute together.</summary>
    private const int Pixels = 3;

    /// <summary>Whether every output pixel is made of the input pixel in its place, so that rows need not end a tile.</summary>
    public static bool IsColumn(Tensor input, Tensor weights, Tensor output, int strideH, int strideW, int padTop, int padLeft) =>
        weights.Shape[1] == 1 && weights.Shape[2] == 1 && strideH == 1 && strideW == 1 && padTop == 0 && padLeft == 0
        && input.Shape[1] == output.Shape[1] && input.Shape[2] == output.Shape[2]
        && (long)output.Shape[1] * output.Shape[2] <= ushort.MaxValue;

    /// <summary>Bytes of scratch: the windows of a tile as int16, and one as bytes where an input pixel is not whole words.</summary>
    /// <param name="depth">Weights of an output channel.</param>
    /// <param name="inputChannels">Channels of an input pixel.</param>
    /// <param name="outH">Rows of the output as the record has them.</param>
    /// <param name="outW">Columns of the output as the record has them.</param>
    public static long ScratchBytes(long depth, int inputChannels, int outH, int outW)
    {
        long padded = (depth + 3) & ~3L;
        int pixels = Math.Min(Pixels, outW == 1 ? outH : outW);
        return (2 * padded * pixels) + (inputChannels % 4 != 0 ? padded : 0);
    }
}
