using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Plan.Chains;

namespace NfRuntime.Model.Plan.Memory;

/// <summary>What runs at once, as far as memory goes: one operator, or the members of a chain.</summary>
/// <param name="First">First operator, in execution order.</param>
/// <param name="Last">Last operator; the same for one alone.</param>
/// <param name="Chain">Null for one alone.</param>
internal sealed record PlanStep(int First, int Last, Chain? Chain)
{
    /// <summary>Each operator by itself.</summary>
    public static IReadOnlyList<PlanStep> EachAlone(int operators) => [.. Enumerable.Range(0, operators).Select(op => new PlanStep(op, op, null))];
}
