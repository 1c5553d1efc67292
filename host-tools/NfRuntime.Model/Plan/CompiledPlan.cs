using System;
using System.Collections.Generic;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Plan;

/// <summary>The result of <see cref="ModelCompiler"/>.</summary>
/// <param name="Blob">The plan's bytes.</param>
/// <param name="Report">What it needs and why.</param>
/// <param name="Operators">One a record, in execution order.</param>
/// <param name="Inputs">The model's inputs in order.</param>
/// <param name="Outputs">The model's outputs in order.</param>
public sealed record CompiledPlan(
    ReadOnlyMemory<byte> Blob,
    PlanReport Report,
    IReadOnlyList<PlanOperatorInfo> Operators,
    IReadOnlyList<PlanIoInfo> Inputs,
    IReadOnlyList<PlanIoInfo> Outputs);

/// <summary>An operator of a plan, as its author knows it.</summary>
/// <param name="Index">Position in execution order.</param>
/// <param name="Kind">Kind of the record.</param>
/// <param name="SourceOperator">Index in the .tflite.</param>
/// <param name="SourceName">Name in TFLite's schema, such as "CONV_2D"; "CHAIN" of the record that governs a chain.</param>
/// <param name="OutputName">Name of its output tensor in the model; may be empty.</param>
public sealed record PlanOperatorInfo(int Index, PlanKind Kind, int SourceOperator, string SourceName, string OutputName)
{
    /// <summary>
    /// Whether its output is there when it is done. A CHAIN has none, and the outputs of its members but the last are
    /// streamed: their CRC in a runner's report and in a capsule's vectors is 0.
    /// </summary>
    public bool HasOutput { get; init; } = true;
}

/// <summary>A model input or output.</summary>
/// <param name="Name">Name in the model; may be empty.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Dimensions.</param>
/// <param name="Scale">Scale of a quantized type; 0 for float32.</param>
/// <param name="ZeroPoint">Zero point of a quantized type.</param>
/// <param name="Bytes">Bytes of the whole tensor.</param>
public sealed record PlanIoInfo(string Name, ElementType Type, IReadOnlyList<int> Shape, float Scale, int ZeroPoint, int Bytes);
