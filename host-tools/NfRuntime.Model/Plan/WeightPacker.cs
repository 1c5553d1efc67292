using System;

namespace NfRuntime.Model.Plan;

/// <summary>Arranges the weights of an operator for the kernels that read one layout id.</summary>
public interface IWeightPacker
{
    /// <summary>The permanent id that goes into the operator's record.</summary>
    WeightLayout Layout { get; }

    /// <summary>Whether this layout exists for <paramref name="kind"/>.</summary>
    bool Supports(PlanKind kind);

    /// <summary>The bytes as the kernels read them.</summary>
    /// <param name="kind">The operator.</param>
    /// <param name="weights">int8 weights as in the .tflite.</param>
    /// <param name="rows">Output channels (convolution), or units.</param>
    ReadOnlyMemory<byte> Pack(PlanKind kind, ReadOnlyMemory<byte> weights, int rows);
}

/// <summary>Layout 0: the bytes of the .tflite.</summary>
public sealed class PlainWeightPacker : IWeightPacker
{
    /// <inheritdoc/>
    public WeightLayout Layout => WeightLayout.Plain;

    /// <inheritdoc/>
    public bool Supports(PlanKind kind) => true;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Pack(PlanKind kind, ReadOnlyMemory<byte> weights, int rows) => weights;
}

/// <summary>Layout 1 of FULLY_CONNECTED (firmware/engine/SPEC.md section 6): two units alternate, four weights of each at a time.</summary>
public sealed class SmladWeightPacker : IWeightPacker
{
    private const int Word = 4;

    /// <inheritdoc/>
    public WeightLayout Layout => WeightLayout.Smlad;

    /// <inheritdoc/>
    public bool Supports(PlanKind kind) => kind == PlanKind.FullyConnected;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Pack(PlanKind kind, ReadOnlyMemory<byte> weights, int rows)
    {
        int depth = weights.Length / rows;
        int words = (depth + Word - 1) / Word;
        var packed = new byte[checked((rows + 1) / 2 * 2 * words * Word)];
        ReadOnlySpan<byte> source = weights.Span;
        for (int row = 0; row < rows; row++)
        {
            int start = (row & ~1) * words * Word;
            for (int word = 0; word < words; word++)
            {
                int count = Math.Min(Word, depth - (word * Word));
                source.Slice((row * depth) + (word * Word), count).CopyTo(packed.AsSpan(start + (((word * 2) + (row & 1)) * Word)));
            }
        }

        return packed;
    }
}

/// <summary>The packers by layout id.</summary>
public static class WeightPackers
{
    private static readonly IWeightPacker[] All = [new PlainWeightPacker(), new SmladWeightPacker()];

    /// <summary>The first layout of <paramref name="target"/> that exists for <paramref name="kind"/>.</summary>
    /// <param name="target">Says which layouts there are, best first.</param>
    /// <param name="kind">The operator.</param>
    /// <param name="plainOnly">Whether the operator is of a sort (16-bit activations, groups) that only layout 0 has.</param>
    /// <exception cref="CompileException">The target lists no such layout.</exception>
    public static IWeightPacker Choose(TargetDescription target, PlanKind kind, bool plainOnly = false)
    {
        ArgumentNullException.ThrowIfNull(target);
        foreach (WeightLayout layout in target.Layouts)
        {
            foreach (IWeightPacker packer in All)
            {
                if (packer.Layout == layout && packer.Supports(kind) && (!plainOnly || layout == WeightLayout.Plain))
                {
                    return packer;
                }
            }
        }

        throw new CompileException($"target {target.Name} has no weight layout for {kind}");
    }
}
