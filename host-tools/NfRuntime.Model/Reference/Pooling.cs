using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>
/// The loops that AVERAGE_POOL_2D and MAX_POOL_2D share. No rescaling: input and output must be quantized alike; padding is left out of the window.
/// Source: micro/kernels/pooling_common.cc.
/// </summary>
internal abstract class Pooling : ReferenceKernel
{
    private readonly Pool2DAttributes _attributes;
    private readonly NhwcShape _in;
    private readonly NhwcShape _out;
    private readonly ActivationRange _range;
    private readonly int[] _input;
    private readonly int[] _output;

    /// <summary>Prepares the operator.</summary>
    protected Pooling(TensorStore store, Node node, Pool2DAttributes attributes)
        : base(store, node)
    {
        Tensor input = Input(0);
        TensorChecks.RequireType(input, ElementType.Int8, ElementType.Int16);
        TensorChecks.RequireType(Output, input.Type);
        if (TensorChecks.ZeroPointOf(input) != TensorChecks.ZeroPointOf(Output)
            || Math.Abs(input.Quantization!.Scale - Output.Quantization!.Scale) > 1e-6)
        {
            throw new NotSupportedException("Input and output of a pool must have the same scale and zero point.");
        }

        _attributes = attributes;
        _in = new NhwcShape(input);
        _out = new NhwcShape(Output);
        _range = ActivationRange.Of(attributes.Activation, Output);
        _input = new int[input.ElementCount];
        _output = new int[Output.ElementCount];
    }

    /// <inheritdoc/>
    public sealed override void Run()
    {
        Store.Load(InputIndex(0), _input);
        for (int n = 0; n < _out.N; n++)
        {
            for (int y = 0; y < _out.H; y++)
            {
                for (int x = 0; x < _out.W; x++)
                {
                    Pixel(n, y, x);
                }
            }
        }

        Store.Store(OutputIndex, _output);
    }

    /// <summary>Joins one element to the state of a window.</summary>
    protected abstract int Join(int state, int value);

    /// <summary>State of a window before its first element.</summary>
    protected abstract int Initial { get; }

    /// <summary>The result of a window of <paramref name="count"/> elements.</summary>
    protected abstract int Finish(int state, int count);

    private void Pixel(int n, int outY, int outX)
    {
        int originY = (outY * _attributes.StrideH) - _attributes.PadTop;
        int originX = (outX * _attributes.StrideW) - _attributes.PadLeft;
        Window rows = Window.Of(originY, _attributes.FilterH, 1, _in.H);
        Window columns = Window.Of(originX, _attributes.FilterW, 1, _in.W);
        int count = Math.Max(0, rows.End - rows.First) * Math.Max(0, columns.End - columns.First);
        if (count == 0)
        {
            throw new InvalidOperationException($"Operator {Node.SourceIndex} ({Node.Kind}): a window lies wholly in the padding.");
        }

        for (int channel = 0; channel < _out.C; channel++)
        {
            int state = Initial;
            for (int fy = rows.First; fy < rows.End; fy++)
            {
                for (int fx = columns.First; fx < columns.End; fx++)
                {
                    state = Join(state, _input[_in.Offset(n, originY + fy, originX + fx, channel)]);
                }
            }

            _output[_out.Offset(n, outY, outX, channel)] = _range.Clamp(Finish(state, count));
        }
    }
}
