using System.Collections.Generic;

namespace NfRuntime.Model.Plan.Memory;

/// <summary>Where everything of a plan lies in the arena, and in which way each operator runs.</summary>
/// <param name="Storage">Which tensors share a place.</param>
/// <param name="Memory">The offsets of those places.</param>
/// <param name="Ways">For each operator the way that fits where its tensors lie.</param>
/// <param name="ScratchOffsets">For each operator the offset of its scratch; −1 when it has none.</param>
internal sealed record ArenaPlan(StorageAssignment Storage, MemoryPlan Memory, IReadOnlyList<MemoryAlternative> Ways, IReadOnlyList<long> ScratchOffsets);
