using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>
/// DEPTHWISE_CONV_2D, int8 or int16 activations, int8 weights. Source: tensorflow/lite/kernels/internal/reference/integer_ops/depthwise_conv.h
/// DepthwiseConvPerChannel, micro/kernels/depthwise_conv_common.cc. With int16 activations sums are always 64-bit.
/// </summary>
internal sealed class DepthwiseConv2D : ReferenceKernel
{
    private readonly DepthwiseConv2DAttributes _attributes;
    private readonly OutputStage _stage;
    private readonly bool _wide;
    private readonly int _inputZeroPoint;
    private readonly int[] _input;
    private readonly int[] _weights;
    private readonly int[] _output;
    private readonly int[] _sums32;
    private readonly long[] _sums64;
    private readonly NhwcShape _in;
    private readonly NhwcShape _out;
    private readonly NhwcShape _filter;

    /// <summary>Prepares the operator.</summary>
    public DepthwiseConv2D(TensorStore store, Node node, DepthwiseConv2DAttributes attributes)
        : base(store, node)
    {
        Tensor input = Input(0);
        Tensor weights = Input(1);
        TensorChecks.RequireType(input, ElementType.Int8, ElementType.Int16);
        TensorChecks.RequireType(weights, ElementType.Int8);
        TensorChecks.RequireType(Output, input.Type);
        _attributes = attributes;
        _in = new NhwcShape(input);
        _out = new NhwcShape(Output);
        _filter = new NhwcShape(weights);
        if (_in.C * attributes.Multiplier != _out.C || _filter.C != _out.C)
        {
            throw new NotSupportedException($"{_in.C} input channels times {attributes.Multiplier} do not give {_out.C} output channels.");
        }

        _wide = input.Type == ElementType.Int16;
        _stage = new OutputStage(
            OutputStage.PerChannel(input, weights, Output, _out.C),
            OutputStage.Bias(store, node, 2, _out.C, _wide),
            Output,
            attributes.Activation,
            _wide);
        _inputZeroPoint = TensorChecks.ZeroPointOf(input);
        _input = new int[input.ElementCount];
        _weights = new int[weights.ElementCount];
        _output = new int[Output.ElementCount];
        _sums32 = _wide ? [] : new int[_out.C];
        _sums64 = _wide ? new long[_out.C] : [];
    }

    /// <inheritdoc/>
    public override void Run()
    {
        Store.Load(InputIndex(0), _input, _inputZeroPoint);
        Store.Load(InputIndex(1), _weights);
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

    private void Pixel(int n, int outY, int outX)
    {
        int originY = (outY * _attributes.StrideH) - _attributes.PadTop;
        int originX = (outX * _attributes.StrideW) - _attributes.PadLeft;
        Window rows = Window.Of(originY, _filter.H, _attributes.DilationH, _in.H);
        Window columns = Window.Of(originX, _filter.W, _attributes.DilationW, _in.W);
        Array.Clear(_sums32);
        Array.Clear(_sums64);
        for (int fy = rows.First; fy < rows.End; fy++)
        {
            for (int fx = columns.First; fx < columns.End; fx++)
            {
                int at = _in.Offset(n, originY + (fy * _attributes.DilationH), originX + (fx * _attributes.DilationW), 0);
                Accumulate(_input.AsSpan(at, _in.C), _weights.AsSpan(_filter.Offset(0, fy, fx, 0), _filter.C));
            }
        }

        Span<int> output = _output.AsSpan(_out.Offset(n, outY, outX, 0), _out.C);
        for (int channel = 0; channel < output.Length; channel++)
        {
            output[channel] = _wide ? _stage.Finish(_sums64[channel], channel) : _stage.Finish(_sums32[channel], channel);
        }
    }

    private void Accumulate(ReadOnlySpan<int> input, ReadOnlySpan<int> weights)
    {
        if (_wide)
        {
            for (int channel = 0; channel < weights.Length; channel++)
            {
                _sums64[channel] += (long)input[channel / _attributes.Multiplier] * weights[channel];
            }
        }
        else if (_attributes.Multiplier == 1)
        {
            Span<int> sums = _sums32.AsSpan(0, weights.Length);
            for (int channel = 0; channel < sums.Length; channel++)
            {
                sums[channel] += input[channel] * weights[channel];
            }
        }
        else
        {
            for (int channel = 0; channel < weights.Length; channel++)
            {
                _sums32[channel] += input[channel / _attributes.Multiplier] * weights[channel];
            }
        }
    }
}
