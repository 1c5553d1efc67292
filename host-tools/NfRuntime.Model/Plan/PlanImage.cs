using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Plan;

/// <summary>A plan as objects: what <see cref="PlanWriter"/> writes and <see cref="PlanReader"/> reads.</summary>
/// <param name="StateBytes">Bytes kept between inferences, a multiple of 16.</param>
/// <param name="ArenaBytes">Transient bytes, a multiple of 16.</param>
/// <param name="Tensors">Ranges of the regions; at most 1024.</param>
/// <param name="Inputs">Model inputs in the model's order, 1 to 8.</param>
/// <param name="Outputs">Model outputs in the model's order, 1 to 8.</param>
/// <param name="Operators">Records in execution order, 1 to 512.</param>
/// <param name="Constants">Weights, biases, multipliers, shifts, tables.</param>
public sealed record PlanImage(
    uint StateBytes,
    uint ArenaBytes,
    IReadOnlyList<PlanTensor> Tensors,
    IReadOnlyList<PlanIo> Inputs,
    IReadOnlyList<PlanIo> Outputs,
    IReadOnlyList<PlanOperator> Operators,
    ReadOnlyMemory<byte> Constants)
{
    /// <summary>Extensions that a reader must know (NFR_FEATURE_…).</summary>
    public uint Features => Operators.Any(op => op.Kind == PlanKind.Chain) ? PlanFormat.FeatureChains : 0;

    /// <summary>Bit n is set when an operator uses layout id n.</summary>
    public uint Layouts
    {
        get
        {
            uint bits = 0;
            foreach (PlanOperator op in Operators)
            {
                bits |= 1u << (int)op.Layout;
            }

            return bits;
        }
    }
}

/// <summary>A range of a region.</summary>
/// <param name="Region">Where it lies.</param>
/// <param name="Offset">Bytes from the region's start.</param>
/// <param name="Bytes">Exactly elements × element size, of a streamed tensor those of the rows that are held; more than 0.</param>
/// <param name="Type">Element type.</param>
/// <param name="Fill">State: value of every element after a reset; 0 otherwise.</param>
public sealed record PlanTensor(PlanRegion Region, uint Offset, uint Bytes, ElementType Type, short Fill)
{
    /// <summary>Rows of a tensor that is streamed through a chain; 0 when all of it is there.</summary>
    public int Rows { get; init; }

    /// <summary>Of them those that are there at a time, which <see cref="Bytes"/> counts; 0 when all of it is there.</summary>
    public int HeldRows { get; init; }
}

/// <summary>A model input or output.</summary>
/// <param name="Tensor">Index in the tensor table; in the arena.</param>
/// <param name="Shape">At most 6 dimensions, each at least 1.</param>
/// <param name="Scale">Scale of a quantized type; 0 for float32.</param>
/// <param name="ZeroPoint">Zero point of a quantized type.</param>
public sealed record PlanIo(int Tensor, IReadOnlyList<int> Shape, float Scale, int ZeroPoint);

/// <summary>An operator record.</summary>
/// <param name="Kind">What it computes.</param>
/// <param name="Layout">How its weights are arranged.</param>
/// <param name="SourceOperator">Index of the operator in the .tflite.</param>
/// <param name="Inputs">Three tensor indices, −1 where absent.</param>
/// <param name="Output">Tensor index.</param>
/// <param name="Scratch">Tensor index, −1 when there is none.</param>
/// <param name="Parameters">The kind's structure, exactly <see cref="PlanFormat.ParameterBytes"/>; of a CHAIN with its table of members.</param>
public sealed record PlanOperator(
    PlanKind Kind,
    WeightLayout Layout,
    int SourceOperator,
    IReadOnlyList<int> Inputs,
    int Output,
    int Scratch,
    ReadOnlyMemory<byte> Parameters);
