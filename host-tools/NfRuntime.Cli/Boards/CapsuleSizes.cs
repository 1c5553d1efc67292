using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Plan;

namespace NfRuntime.Cli.Boards;

/// <summary>What a capsule takes on a board; all sizes in bytes.</summary>
/// <param name="Name">Of the model or image.</param>
/// <param name="Blobs">Its blobs: manifest, plan, and what else it has.</param>
/// <param name="ArenaBytes">Transient.</param>
/// <param name="StateBytes">Kept between inferences.</param>
/// <param name="SliceInstructions">The longest unit that cannot be divided, in the engine's estimate, when it is longer than the board's slice; 0: it is not; null: not known.</param>
internal sealed record CapsuleSizes(string Name, IReadOnlyList<long> Blobs, long ArenaBytes, long StateBytes, long? SliceInstructions)
{
    private const int VectorsHeaderBytes = 24; // firmware/capsule/SPEC.md section 5

    /// <summary>A manifest has at most so many bytes; taken for every capsule that is not built yet.</summary>
    public const long ManifestBytes = 1024; // firmware/capsule/SPEC.md

    /// <summary>Of a model that is no capsule yet: a manifest, the plan, and vectors of so many cases.</summary>
    public static CapsuleSizes Of(string name, CompiledPlan plan, int cases, long? slice) => new(
        name, [ManifestBytes, plan.Blob.Length, VectorsBytes(plan, cases)], plan.Report.ArenaBytes, plan.Report.StateBytes, slice);

    private static long VectorsBytes(CompiledPlan plan, int cases) => VectorsHeaderBytes
        + (cases * (4 + Padded(plan.Inputs.Sum(input => (long)input.Bytes)) + Padded(plan.Outputs.Sum(output => (long)output.Bytes)) + (4L * plan.Operators.Count)));

    private static long Padded(long bytes) => (bytes + 3) & ~3L;
}
