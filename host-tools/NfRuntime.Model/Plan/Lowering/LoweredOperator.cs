using System.Collections.Generic;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan.Memory;

namespace NfRuntime.Model.Plan.Lowering;

/// <summary>An operator whose parameters are final, but whose tensors have no place yet.</summary>
/// <param name="Node">Where it comes from.</param>
/// <param name="Kind">What the record computes.</param>
/// <param name="Parameters">The kind's structure.</param>
internal sealed record LoweredOperator(Node Node, PlanKind Kind, byte[] Parameters)
{
    private static readonly int[] NoPositions = [];
    private static readonly MemoryAlternative[] NoAlternatives = [];

    /// <summary>Arrangement of the weights.</summary>
    public WeightLayout Layout { get; init; }

    /// <summary>Tensors of the graph by operand position; −1 where absent.</summary>
    public IReadOnlyList<int> Inputs { get; init; } = [-1, -1, -1];

    /// <summary>Tensor of the graph that is written.</summary>
    public int Output { get; init; } = Node.Outputs[0];

    /// <summary>Element type and bytes of the scratch tensor; 0 bytes when there is none.</summary>
    public (ElementType Type, long Bytes) Scratch { get; init; }

    /// <summary>Operand positions at whose exact place the output may lie (firmware/engine/SPEC.md §3).</summary>
    public IReadOnlyList<int> InPlace { get; init; } = NoPositions;

    /// <summary>Rows of a window operator of one batch, whose output may overlap input 0; else null.</summary>
    public WindowRows? Rows { get; init; }

    /// <summary>The same operator with its true rows, when this one takes the pixels of an image as one column; else null.</summary>
    public LoweredOperator? ByRows { get; init; }

    /// <summary>
    /// Faster ways to run it that take more memory, the fastest first; the one that <see cref="Scratch"/>,
    /// <see cref="InPlace"/> and <see cref="Rows"/> describe is the last resort.
    /// </summary>
    public IReadOnlyList<MemoryAlternative> Alternatives { get; init; } = NoAlternatives;

    /// <summary>All ways to run it, the fastest first.</summary>
    public IReadOnlyList<MemoryAlternative> Ways => [.. Alternatives, new MemoryAlternative(Scratch.Type, Scratch.Bytes, InPlace, Rows)];

    /// <summary>Multiply-accumulates, with padding counted as if it were there.</summary>
    public long Macs { get; init; }

    /// <summary>Bytes of the weights proper (no biases, no multipliers).</summary>
    public long WeightBytes { get; init; }
}
