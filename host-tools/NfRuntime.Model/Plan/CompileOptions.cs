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
    /// Whether operators may run as streamed chains, row by row in turn, where that needs less memory. Never with
    /// <see cref="KeepAllTensors"/>, since of what is streamed there is nothing to compare.
    /// </summary>
    public bool StreamChains { get; init; }
}
