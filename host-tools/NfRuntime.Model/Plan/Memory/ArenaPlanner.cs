using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan.Lowering;

namespace NfRuntime.Model.Plan.Memory;

/// <summary>
/// Plans the arena of lowered operators: first with the way of each operator that needs least, then each operator takes the
/// fastest way that fits where the tensors then lie and into what is free while it runs.
/// </summary>
internal static class ArenaPlanner
{
    /// <param name="graph">The graph.</param>
    /// <param name="operators">Its records in execution order.</param>
    /// <param name="viewOf">For each tensor the tensor whose bytes it is.</param>
    /// <param name="together">Whether outputs may lie in place of inputs or overlap them.</param>
    public static ArenaPlan Plan(Graph graph, IReadOnlyList<LoweredOperator> operators, int[] viewOf, bool together)
    {
        MemoryAlternative[] ways = [.. operators.Select(op => op.Ways[^1])];
        (StorageAssignment storage, MemoryPlan memory) = Place(graph, operators, ways, viewOf, together);
        for (int op = 0; together && op < operators.Count; op++)
        {
            foreach (MemoryAlternative way in operators[op].Alternatives.Where(way => way.InPlace.Count > 0))
            {
                MemoryAlternative[] tried = [.. ways];
                tried[op] = way;
                (StorageAssignment triedStorage, MemoryPlan triedMemory) = Place(graph, operators, tried, viewOf, together);
                if (triedMemory.Peak < memory.Peak)
                {
                    (ways, storage, memory) = (tried, triedStorage, triedMemory);
                }
            }
        }

        long[] scratch = [.. Enumerable.Range(0, ways.Length).Select(op => storage.ScratchRequestOf(op) is >= 0 and int request ? memory.Offsets[request] : -1)];
        for (int op = 0; op < ways.Length; op++)
        {
            (ways[op], scratch[op]) = Fastest(graph, operators[op], op, storage, memory, ways[op], scratch[op]);
        }

        return new ArenaPlan(storage, memory, ways, scratch);
    }

    // Computing in place ties tensors to one offset, which may cost more by fragmentation than it wins.
    private static (StorageAssignment Storage, MemoryPlan Memory) Place(
        Graph graph, IReadOnlyList<LoweredOperator> operators, IReadOnlyList<MemoryAlternative> ways, int[] viewOf, bool together)
    {
        StorageAssignment storage = StorageAssignment.Create(graph, operators, ways, viewOf, inPlace: together, overlap: together);
        MemoryPlan memory = MemoryPlanner.Plan(storage.Requests, storage.Overlaps);
        if (storage.InPlaceCount > 0 && memory.Peak > memory.Bound)
        {
            StorageAssignment apart = StorageAssignment.Create(graph, operators, ways, viewOf, inPlace: false, overlap: true);
            MemoryPlan apartMemory = MemoryPlanner.Plan(apart.Requests, apart.Overlaps);
            if (apartMemory.Peak < memory.Peak)
            {
                return (apart, apartMemory);
            }
        }

        return (storage, memory);
    }

    private static (MemoryAlternative Way, long Scratch) Fastest(
        Graph graph, LoweredOperator lowered, int op, StorageAssignment storage, MemoryPlan memory, MemoryAlternative planned, long plannedScratch)
    {
        foreach (MemoryAlternative way in lowered.Alternatives.TakeWhile(way => way != planned))
        {
            long scratch = way.ScratchBytes == 0 ? -1 : FreeOffset(storage, memory, op, way.Scratch);
            if ((way.ScratchBytes == 0 || scratch >= 0) && Allows(graph, lowered, op, storage, memory, way))
            {
                return (way, scratch);
            }
        }

        return (planned, plannedScratch);
    }

    private static bool Allows(Graph graph, LoweredOperator lowered, int op, StorageAssignment storage, MemoryPlan memory, MemoryAlternative way)
    {
        int input = storage.DyingInputOf(op);
        return input < 0 || way.Allows(
            memory.Offsets[input], graph.Tensors[lowered.Inputs[0]].ByteSize, memory.Offsets[storage.RequestOf(lowered.Output)], graph.Tensors[lowered.Output].ByteSize);
    }

    // The lowest gap of what else lives while the operator runs; -1 when none is large enough.
    private static long FreeOffset(StorageAssignment storage, MemoryPlan memory, int op, long bytes)
    {
        int own = storage.ScratchRequestOf(op);
        long offset = 0;
        foreach ((long start, long end) in Enumerable.Range(0, storage.Requests.Count)
            .Where(request => request != own && storage.Requests[request].BytesAt(op) > 0)
            .Select(request => (Start: memory.Offsets[request], End: memory.Offsets[request] + storage.Requests[request].BytesAt(op)))
            .OrderBy(range => range.Start))
        {
            if (offset + bytes <= start)
            {
                return offset;
            }

            offset = Math.Max(offset, end);
        }

        return offset + bytes <= memory.Peak ? offset : -1;
    }
}
