using System;
using NfRuntime.Capsules;
using NfRuntime.Native;

namespace Fashion;

/// <summary>
/// Prepares a 28×28 grey image (784 unsigned bytes, row by row) for the classifier: the garment is moved to the middle, as in the images
/// that the model was trained on, wherever the camera saw it. Reads the ten class scores as the best three.
/// </summary>
public sealed class FashionProcessor : CapsuleProcessor
{
    private const int Side = 28;
    private const int Pixels = Side * Side;

    // Above sensor noise: the training images are exactly 0 around the garment.
    private const int Ink = 16;
    private const int Best = 3;

    /// <inheritdoc/>
    public override bool Prepare(byte[] raw, int length, sbyte[] tensor, TensorInfo input)
    {
        if (length != Pixels || input.ElementCount != Pixels)
        {
            throw new ArgumentOutOfRangeException(nameof(length));
        }

        int down = Shift(raw, rows: true);
        int right = Shift(raw, rows: false);
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                tensor[(y * Side) + x] = Quantization.Quantize(PixelAt(raw, y - down, x - right) / 255f, input.Scale, input.ZeroPoint);
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override void Interpret(sbyte[] tensor, TensorInfo output, CapsuleResult result)
    {
        int[] taken = new int[Best];
        for (int place = 0; place < Best && place < output.ElementCount; place++)
        {
            int best = -1;
            for (int i = 0; i < output.ElementCount; i++)
            {
                if (!IsTaken(taken, place, i) && (best < 0 || tensor[i] > tensor[best]))
                {
                    best = i;
                }
            }

            taken[place] = best;
            result.Add(best, Quantization.Dequantize(tensor[best], output.Scale, output.ZeroPoint));
        }

        result.Decision = taken[0];
    }

    private static bool IsTaken(int[] taken, int count, int index)
    {
        for (int i = 0; i < count; i++)
        {
            if (taken[i] == index)
            {
                return true;
            }
        }

        return false;
    }

    // Rows (or columns) by which the garment's box is moved so that the margins on both sides are equal.
    private static int Shift(byte[] raw, bool rows)
    {
        int first = 0;
        while (first < Side && IsEmpty(raw, first, rows))
        {
            first++;
        }

        int last = Side - 1;
        while (last > first && IsEmpty(raw, last, rows))
        {
            last--;
        }

        return first == Side ? 0 : (Side - 1 - last - first) / 2;
    }

    private static bool IsEmpty(byte[] raw, int line, bool rows)
    {
        for (int i = 0; i < Side; i++)
        {
            if (raw[rows ? (line * Side) + i : (i * Side) + line] >= Ink)
            {
                return false;
            }
        }

        return true;
    }

    private static int PixelAt(byte[] raw, int y, int x)
    {
        return y < 0 || y >= Side || x < 0 || x >= Side ? 0 : raw[(y * Side) + x];
    }
}
