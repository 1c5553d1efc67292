using System;

namespace NfRuntime.Model.Tests.EndToEnd;

/// <summary>One direction of a convolution or pool, with the padding that TFLite derives from SAME or VALID.</summary>
internal sealed record RandomWindow(int Filter, int Stride, int Dilation, int Before, int Output)
{
    /// <summary>A window over <paramref name="extent"/> positions; null when the one that was drawn does not fit.</summary>
    public static RandomWindow? Draw(Random random, int extent, bool same, bool dilates)
    {
        int filter = 1 + random.Next(4);
        int stride = 1 + random.Next(2);
        int dilation = dilates ? 1 + random.Next(2) : 1;
        int reach = ((filter - 1) * dilation) + 1;
        if (!same)
        {
            return reach > extent ? null : new RandomWindow(filter, stride, dilation, 0, ((extent - reach) / stride) + 1);
        }

        int output = (extent + stride - 1) / stride;
        int padding = Math.Max(0, ((output - 1) * stride) + reach - extent);
        return new RandomWindow(filter, stride, dilation, padding / 2, output);
    }
}
