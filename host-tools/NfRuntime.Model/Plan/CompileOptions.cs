using System;
using System.Collections.Generic;
using NfRuntime.Model.Plan.Chains;
using NfRuntime.Model.Plan.Memory;

namespace NfRuntime.Model.Plan;

/// <summary>What <see cref="ModelCompiler"/> is asked for.</summary>
public sealed record CompileOptions
{
    /// <summary>The processor; the portable kernels of the host by default.</summary>
    public TargetDescription Target { get; init; } = TargetDescription.Host;

    /// <summary>
    /// One record for each source operator, in the source's order: nothing is eliminated, fused, reordered or computed in
    /// place, so that each operator's output can be compared. For self-tests and layer comparison.
    /// </summary>
    public bool KeepAllTensors { get; init; }

    /// <summary>
    /// Whether operators may run as streamed chains. Never with <see cref="KeepAllTensors"/>, since of what is streamed there
    /// is nothing to compare.
    /// </summary>
    public Streaming Streaming { get; init; } = Streaming.Balanced;

    /// <summary>Chooses what runs as a chain instead of the planner: tests see chains that no plan needs.</summary>
    internal Func<ChainSearch, IReadOnlyList<PlanStep>>? Cut { get; init; }
}

/// <summary>What memory may cost: operators that take turns row by row, as chains, need less of it and more instructions.</summary>
public enum Streaming
{
    /// <summary>No chains.</summary>
    Off,

    /// <summary>
    /// Each hundredth more of the instructions must save two hundredths of the arena; at most 1.5 hundredths. Chains of at most
    /// three operators: a device proves each member of a chain at load, for some 700 instructions.
    /// </summary>
    Balanced,

    /// <summary>The smallest arena, whatever it costs.</summary>
    LeastMemory,
}
