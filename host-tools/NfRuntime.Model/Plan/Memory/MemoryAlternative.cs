using System.Collections.Generic;
using NfRuntime.Model.Ir;

namespace NfRuntime.Model.Plan.Memory;

/// <summary>
/// One way in which the device can run an operator: it takes the way that the record's scratch allows. What it costs in
/// memory is its scratch, and where the output may lie when an input dies.
/// </summary>
/// <param name="ScratchType">Element type of the scratch tensor.</param>
/// <param name="ScratchBytes">0 when there is none.</param>
/// <param name="InPlace">Operand positions at whose exact place the output may lie (firmware/engine/SPEC.md §3).</param>
/// <param name="Rows">How far the output may overlap input 0 row by row; null: not at all.</param>
internal sealed record MemoryAlternative(ElementType ScratchType, long ScratchBytes, IReadOnlyList<int> InPlace, WindowRows? Rows)
{
    /// <summary>Instructions of the operator in this way, by the device's own estimate; 0 where its ways do not differ.</summary>
    public long Instructions { get; init; }

    /// <summary>Bytes of scratch in the arena.</summary>
    public long Scratch => PlanFormat.AlignUp(ScratchBytes);

    /// <summary>Whether the output may lie at <paramref name="output"/> while the first operand, which dies, lies at <paramref name="input"/>.</summary>
    public bool Allows(long input, long inputBytes, long output, long outputBytes)
    {
        bool apart = input + inputBytes <= output || output + outputBytes <= input;
        if (apart || (input == output && Contains(0)))
        {
            return true;
        }

        RowOverlap? overlap = Rows?.Overlap(inputBytes, outputBytes);
        return overlap is { } rows && (input - output >= rows.Ascending || output - input >= rows.Descending);
    }

    private bool Contains(int position)
    {
        foreach (int allowed in InPlace)
        {
            if (allowed == position)
            {
                return true;
            }
        }

        return false;
    }
}
