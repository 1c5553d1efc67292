using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan.Memory;

namespace NfRuntime.Model.Plan.Lowering;

/// <summary>
/// Geometry of DEPTHWISE_CONV_2D in <see cref="WeightLayout.Planes"/>: the formulas of firmware/engine/SPEC.md section 6.
/// </summary>
internal sealed record DepthwisePlanes
{
    // A unit takes so many instructions at most, by the device's own estimate (firmware/engine/ops/depthwise_conv_2d.c).
    private const long LargestUnit = 50_000;

    private readonly (int H, int W, int C) _input;
    private readonly (int H, int W, int C) _output;
    private readonly (int H, int W) _filter;
    private readonly (int H, int W) _stride;
    private readonly (int Top, int Left) _pad;

    public DepthwisePlanes((int H, int W, int C) input, (int H, int W, int C) output, (int H, int W) filter, (int H, int W) stride, (int Top, int Left) pad)
    {
        (_input, _output, _filter, _stride, _pad) = (input, output, filter, stride, pad);
    }

    private long Pairs => (_filter.W + _stride.W + 1) / 2;

    private int Channels => Math.Min(2, _input.C);

    private bool IsLikeInput => _input == _output && _stride == (1, 1);

    /// <summary>
    /// The ways to run it, the fastest first: strips of fewer and fewer rows. Empty when a unit of a single row is too long.
    /// </summary>
    /// <param name="rows">The operator's rows; null when its output must not overlap the input.</param>
    public IReadOnlyList<MemoryAlternative> Ways(WindowRows? rows) =>
        [.. Heights().Where(height => UnitCost(height) <= LargestUnit).Select(height => new MemoryAlternative(
            ElementType.Int16,
            ScratchBytes(height),
            height == _output.H && IsLikeInput && rows is not null ? [0] : [],
            rows is null ? null : rows with { Together = height })
        {
            Instructions = (_output.H + height - 1L) / height * ((_input.C + Channels - 1) / Channels) * UnitCost(height),
        })];

    /// <summary>Bytes of scratch for strips of <paramref name="rows"/> rows of the output.</summary>
    public long ScratchBytes(int rows)
    {
        long span = ((long)(_output.W - 1) * _stride.W) + _filter.W;
        long right = Math.Max(0, span - _pad.Left - _input.W);
        long pitch = Even(_input.W + Math.Max(right, _pad.Left));
        long plane = (InputRows(rows) * pitch) + (((Math.Min(right, _pad.Left) + (3 * _stride.W) + 2) / 2) * 2);
        return 2 * ((4 * _filter.H * Pairs) + (Channels * plane));
    }

    private static long Even(long value) => (value + 1) / 2 * 2;

    private long InputRows(int rows) => ((long)(rows - 1) * _stride.H) + _filter.H;

    // All rows, then strips of equal height, each a quarter lower than the one before.
    private IEnumerable<int> Heights()
    {
        int last = int.MaxValue;
        for (int strips = 1; strips <= _output.H; strips++)
        {
            int height = (_output.H + strips - 1) / strips;
            if (height <= last - (last / 4) && height < last)
            {
                yield return last = height;
            }
        }
    }

    private long UnitCost(int rows)
    {
        bool is3X3 = _filter == (3, 3) && _stride.W <= 2 && _output.W >= 2;
        long pixel = is3X3 ? 17 : ((_filter.H * ((9 * Pairs) + 4)) + 60) / 4;
        long channel = 170 + (is3X3 ? 0 : 12L * _filter.H * _filter.W);
        long outputs = (rows * (((_output.W + 1) * pixel) + 14)) + channel;
        long input = InputRows(rows);
        return 120 + (input * ((_input.W * 5) + 14)) + (ScratchBytes(rows) / 4) + (Channels * (_output.C / _input.C) * outputs);
    }
}
