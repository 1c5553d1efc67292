using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan.Lowering;

namespace NfRuntime.Model.Plan.Chains;

/// <summary>
/// An operator as a member of a streamed chain (firmware/engine/SPEC.md §7): it computes rows of its output from rows of its
/// inputs. Element-wise operators have stride 1, no padding and a reach of 1.
/// </summary>
/// <param name="Operator">With the parameters and scratch that it has by rows.</param>
/// <param name="Rows">Of its output.</param>
/// <param name="Stride">Input rows between windows.</param>
/// <param name="PadTop">Rows of padding above the input.</param>
/// <param name="Reach">Rows from the first of a window through its last.</param>
internal sealed record ChainMember(LoweredOperator Operator, int Rows, int Stride, int PadTop, int Reach)
{
    private const int ImageRank = 4;

    /// <summary>Whether output elements depend on the input elements of their place alone.</summary>
    public bool IsElementwise => Operator.Rows is null;

    /// <summary>The operator as a member; null when it cannot be one.</summary>
    public static ChainMember? Of(Graph graph, LoweredOperator lowered)
    {
        LoweredOperator op = lowered.ByRows ?? lowered;
        IEnumerable<int> operands = op.Inputs.Where(tensor => tensor >= 0).Append(op.Output);
        if (operands.Any(tensor => !IsImage(graph.Tensors[tensor])))
        {
            return null;
        }

        int rows = graph.Tensors[op.Output].Shape[1];
        return op.Rows is { } window
            ? new ChainMember(op, rows, window.Stride, window.PadTop, window.Reach)
            : IsMap(graph, op) ? new ChainMember(op, rows, 1, 0, 1) : null;
    }

    /// <summary>First input row that rows from <paramref name="row"/> on need; negative in the padding.</summary>
    public long FirstRow(long row) => (row * Stride) - PadTop;

    // Arena tensors of one image; constants are operands of element-wise operators only, as whole tensors.
    private static bool IsImage(Tensor tensor) => tensor.Shape.Count == ImageRank && tensor.Shape[0] == 1 && !tensor.IsVariable;

    private static bool IsMap(Graph graph, LoweredOperator op) =>
        op.Kind is PlanKind.Add or PlanKind.Mul or PlanKind.Lut or PlanKind.Logistic16 or PlanKind.Requantize or PlanKind.Quantize or PlanKind.Dequantize
        && op.Inputs.Where(tensor => tensor >= 0).All(tensor => graph.Tensors[tensor].Shape.SequenceEqual(graph.Tensors[op.Output].Shape));
}
