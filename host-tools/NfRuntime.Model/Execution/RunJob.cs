using System;
using System.Collections.Generic;

namespace NfRuntime.Model.Execution;

/// <summary>A plan and the inputs to run it on (firmware/RUNNER.md).</summary>
/// <param name="Plan">The plan's bytes; at most 64 MiB.</param>
/// <param name="Cases">At least one; they run in order and share the plan's state.</param>
public sealed record RunJob(ReadOnlyMemory<byte> Plan, IReadOnlyList<RunCase> Cases)
{
    /// <summary>Ask for the CRC-32 of every operator's output.</summary>
    public bool OperatorChecksums { get; init; }

    /// <summary>Ask for the bytes of the outputs.</summary>
    public bool OutputBytes { get; init; } = true;

    /// <summary>Ask for the deepest stack of each inference.</summary>
    public bool MeasureStack { get; init; }

    /// <summary>Largest number of instructions (the engine's estimate) of a slice; 0 = no limit.</summary>
    public uint MaxSlice { get; init; }

    /// <summary>Instructions a step; 0 = the engine's default.</summary>
    public uint Budget { get; init; }
}

/// <summary>One inference.</summary>
/// <param name="Input">All inputs one after the other, in the model's order.</param>
/// <param name="ResetState">Whether the state is reset before.</param>
public sealed record RunCase(ReadOnlyMemory<byte> Input, bool ResetState);

/// <summary>What a runner answered.</summary>
/// <param name="LoadError">0, or the error (enum nfr_error, negative) with which the plan was refused; then the rest is 0 and empty.</param>
/// <param name="ArenaBytes">Transient bytes of the plan.</param>
/// <param name="StateBytes">State bytes of the plan.</param>
/// <param name="ContextBytes">Size of the engine's structure.</param>
/// <param name="Cases">One a case of the job.</param>
public sealed record RunResult(int LoadError, uint ArenaBytes, uint StateBytes, uint ContextBytes, IReadOnlyList<RunCaseResult> Cases);

/// <summary>One inference's result.</summary>
/// <param name="Error">0, or the error (enum nfr_error, negative); then the rest is 0 and empty.</param>
/// <param name="Steps">Slices taken.</param>
/// <param name="StackBytes">Deepest stack; 0 where it was not asked for or cannot be measured.</param>
/// <param name="Operators">Each operator's output, when the job asks for it.</param>
/// <param name="Crc32">CRC-32 (zlib's) of all outputs one after the other.</param>
/// <param name="Output">The outputs one after the other, when the job asks for them.</param>
public sealed record RunCaseResult(
    int Error,
    uint Steps,
    uint StackBytes,
    IReadOnlyList<OperatorChecksum> Operators,
    uint Crc32,
    ReadOnlyMemory<byte> Output);

/// <summary>The output of one operator.</summary>
/// <param name="SourceOperator">Index of the operator in the .tflite.</param>
/// <param name="Bytes">Bytes of its output.</param>
/// <param name="Crc32">CRC-32 (zlib's) of them.</param>
public sealed record OperatorChecksum(uint SourceOperator, uint Bytes, uint Crc32);
