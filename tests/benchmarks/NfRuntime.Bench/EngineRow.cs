namespace NfRuntime.Bench;

/// <summary>What one warm inference of a model costs on a core; all figures from one plan, one build, one run (slicing: a second run).</summary>
internal sealed record EngineRow
{
    /// <summary>File name without extension.</summary>
    public required string Model { get; init; }

    /// <summary>Multiply-accumulates.</summary>
    public required long Macs { get; init; }

    /// <summary>Between the runner's marks, with all slices.</summary>
    public required long Instructions { get; init; }

    /// <summary>Data accesses, each word of a multiple load counted.</summary>
    public required long Accesses { get; init; }

    /// <summary>Bytes loaded from the plan.</summary>
    public required long FlashRead { get; init; }

    /// <summary>Activations, I/O and scratch, bytes.</summary>
    public required long ArenaBytes { get; init; }

    /// <summary>Kept between inferences, bytes.</summary>
    public required long StateBytes { get; init; }

    /// <summary>The engine's structure, bytes.</summary>
    public required long ContextBytes { get; init; }

    /// <summary>Deepest stack, bytes.</summary>
    public required long Stack { get; init; }

    /// <summary>Code and constants of the engine with exactly this model's operators, bytes.</summary>
    public required long EngineBytes { get; init; }

    /// <summary>Cases whose output differs from the reference evaluator's.</summary>
    public required int Mismatches { get; init; }

    /// <summary>Instructions of nfr_engine_load: every rule, and the state's reset.</summary>
    public required long LoadInstructions { get; init; }

    /// <summary>Operators of the plan.</summary>
    public required int Operators { get; init; }

    /// <summary>Multipliers of the plan's per-channel requantizations.</summary>
    public required long Channels { get; init; }

    /// <summary>The whole blob, packed weights included, bytes.</summary>
    public required long PlanBytes { get; init; }

    /// <summary>All constant tensors of the source model, bytes.</summary>
    public required long ConstantBytes { get; init; }

    /// <summary>Slices of the inference at the default budget.</summary>
    public required long Slices { get; init; }

    /// <summary>Instructions of the longest of these.</summary>
    public required long LongestSlice { get; init; }

    /// <summary>Instructions of the same inference in as few slices as there can be.</summary>
    public required long UnslicedInstructions { get; init; }

    /// <summary>The peer's figures.</summary>
    public required PeerFigures Peer { get; init; }

    /// <summary>Every RAM byte of the capsule but the stack: what the peer calls its arena.</summary>
    public long Arena => ArenaBytes + StateBytes + ContextBytes;

    /// <summary>Most instructions that loading may take: 1,000, 600 an operator, 10 a channel.</summary>
    public long LoadBar => 1_000 + (600L * Operators) + (10 * Channels);

    /// <summary>Most bytes that the plan may have: 1.15 × the model's constants and 1 KB.</summary>
    public long PlanBar => (long)(1.15 * ConstantBytes) + 1_024;

    /// <summary>What slicing adds, as a part of the unsliced inference.</summary>
    public double SlicingOverhead => ((double)Instructions / UnslicedInstructions) - 1;
}
