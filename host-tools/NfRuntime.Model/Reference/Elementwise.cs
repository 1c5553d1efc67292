using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Reference;

/// <summary>The loop of ADD and MUL over two broadcast operands, int8 or int16, of one type.</summary>
internal abstract class Elementwise : ReferenceKernel
{
    private readonly int _leftZeroPoint;
    private readonly int _rightZeroPoint;
    private readonly int _outputZeroPoint;
    private readonly int[] _leftMap;
    private readonly int[] _rightMap;
    private readonly int[] _left;
    private readonly int[] _right;
    private readonly int[] _output;
    private readonly ActivationRange _range;

    /// <summary>Prepares the operator.</summary>
    protected Elementwise(TensorStore store, Node node, ElementwiseAttributes attributes)
        : base(store, node)
    {
        TensorChecks.RequireType(Input(0), ElementType.Int8, ElementType.Int16);
        TensorChecks.RequireType(Input(1), Input(0).Type);
        TensorChecks.RequireType(Output, Input(0).Type);
        _leftZeroPoint = TensorChecks.ZeroPointOf(Input(0));
        _rightZeroPoint = TensorChecks.ZeroPointOf(Input(1));
        _outputZeroPoint = TensorChecks.ZeroPointOf(Output);
        _leftMap = Broadcast.Map(Input(0), Output);
        _rightMap = Broadcast.Map(Input(1), Output);
        _left = new int[Input(0).ElementCount];
        _right = new int[Input(1).ElementCount];
        _output = new int[Output.ElementCount];
        _range = ActivationRange.Of(attributes.Activation, Output);
    }

    /// <inheritdoc/>
    public sealed override void Run()
    {
        Store.Load(InputIndex(0), _left, _leftZeroPoint);
        Store.Load(InputIndex(1), _right, _rightZeroPoint);
        for (int i = 0; i < _output.Length; i++)
        {
            _output[i] = _range.Clamp(Combine(_left[_leftMap[i]], _right[_rightMap[i]]) + _outputZeroPoint);
        }

        Store.Store(OutputIndex, _output);
    }

    /// <summary>The result, less the output's zero point, of two operands less theirs.</summary>
    protected abstract int Combine(int left, int right);
}
