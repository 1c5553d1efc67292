using System;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>
/// CONV_2D, int8 or int16 activations, int8 weights, groups, dilation. Source: tensorflow/lite/kernels/internal/reference/integer_ops/conv.h
/// ConvPerChannel, micro/kernels/conv_common.cc, micro/kernels/conv.cc (choice of the accumulator).
/// </summary>
internal sealed class Conv2D : ReferenceKernel
{
    private readonly Conv2DAttributes _attributes;
    private readonly OutputStage _stage;
    private readonly bool _wide;
    private readonly int _inputZeroPoint;
    private readonly int[] _input;
    private readonly int[] _weights;
    private readonly int[] _output;
    private readonly NhwcShape _in;
    private readonly NhwcShape _out;
    private readonly NhwcShape _filter;
    private readonly int _filtersPerGroup;

    /// <summary>Prepares the operator.</summary>
    public Conv2D(TensorStore store, Node node, Conv2DAttributes attributes)
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
        int groups = _in.C / _filter.C;
        if (groups * _filter.C != _in.C || _filter.N % groups != 0 || _filter.N != _out.C)
        {
            throw new NotSupportedException($"{_in.C} input channels, {_filter.C} of a filter and {_filter.N} filters do not form groups.");
        }

        _filtersPerGroup = _filter.N / groups;
        int biasIndex = node.InputOrNone(2);
        _wide = OutputStage.IsWide(input, biasIndex < 0 ? null : store.Graph.Tensors[biasIndex], attributes.QuantizedBiasType);
        _stage = new OutputStage(
            OutputStage.PerChannel(input, weights, Output, _out.C),
            OutputStage.Bias(store, node, 2, _out.C, _wide),
            Output,
            attributes.Activation,
            _wide);
        _inputZeroPoint = TensorChecks.ZeroPointOf(input);
        _input = new int[input.ElementCount];
        _output = new int[Output.ElementCount];
        _weights = new int[weights.ElementCount];
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
        Span<int> output = _output.AsSpan(_out.Offset(n, outY, outX, 0), _out.C);
        for (int channel = 0; channel < output.Length; channel++)
        {
            output[channel] = _wide
                ? _stage.Finish(Sum64(n, channel, originY, originX, rows, columns), channel)
                : _stage.Finish(Sum32(n, channel, originY, originX, rows, columns), channel);
        }
    }

    private int Sum32(int n, int channel, int originY, int originX, Window rows, Window columns)
    {
        int sum = 0;
        int run = RunLength(columns, out int columnStep);
        for (int fy = rows.First; fy < rows.End; fy++)
        {
            for (int fx = columns.First; fx < columns.End; fx += columnStep)
            {
                sum += DotProduct.Int32(InputRun(n, channel, originY, originX, fy, fx, run), WeightRun(channel, fy, fx, run));
            }
        }

        return sum;
    }

    private long Sum64(int n, int channel, int originY, int originX, Window rows, Window columns)
    {
        long sum = 0;
        int run = RunLength(columns, out int columnStep);
        for (int fy = rows.First; fy < rows.End; fy++)
        {
            for (int fx = columns.First; fx < columns.End; fx += columnStep)
            {
                sum += DotProduct.Int64(InputRun(n, channel, originY, originX, fy, fx, run), WeightRun(channel, fy, fx, run));
            }
        }

        return sum;
    }

    // Whole filter rows are contiguous in both operands when neither dilation nor groups tear them apart.
    private int RunLength(Window columns, out int columnStep)
    {
        bool contiguous = _attributes.DilationW == 1 && _filter.C == _in.C && columns.End > columns.First;
        columnStep = contiguous ? columns.End - columns.First : 1;
        return columnStep * _filter.C;
    }

    private ReadOnlySpan<int> InputRun(int n, int channel, int originY, int originX, int fy, int fx, int length)
    {
        int firstChannel = channel / _filtersPerGroup * _filter.C;
        return _input.AsSpan(
            _in.Offset(n, originY + (fy * _attributes.DilationH), originX + (fx * _attributes.DilationW), firstChannel), length);
    }

    private ReadOnlySpan<int> WeightRun(int channel, int fy, int fx, int length) =>
        _weights.AsSpan(_filter.Offset(channel, fy, fx, 0), length);
}
