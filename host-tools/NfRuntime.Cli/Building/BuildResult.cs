using System.Collections.Generic;
using NfRuntime.Images.Building;
using NfRuntime.Model.Plan;

namespace NfRuntime.Cli.Building;

/// <summary>A built image and how it came about.</summary>
/// <param name="Image">To be stored.</param>
/// <param name="KeyId">The key that signed.</param>
internal sealed record BuildResult(BuiltImage Image, string KeyId);

/// <summary>What a build says while it works.</summary>
internal interface IBuildObserver
{
    void Imported(string model, int operators, long macs);

    void Compiled(IReadOnlyList<(string Target, CompiledPlan Plan)> plans);

    void Proved(int vectors, string inputs);

    void Gated(ManagedCode code);

    void Signed(string keyId, uint counter);
}
