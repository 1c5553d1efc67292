using System.Collections.Generic;

namespace NfRuntime.Cli.Testing;

/// <summary>What testing one model gave.</summary>
/// <param name="Name">The model.</param>
/// <param name="Passed">Cases, or with layers operator outputs, that are as they must be.</param>
/// <param name="Failures">One sentence each.</param>
/// <param name="LeftOut">Why the model was not run; null when it was.</param>
internal sealed record TestOutcome(string Name, int Passed, IReadOnlyList<string> Failures, string? LeftOut = null)
{
    public int Failed => Failures.Count;
}
