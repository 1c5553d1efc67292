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

/// <summary>The packers by layout id.</summary>
public static class WeightPackers
{
    private static readonly IWeightPacker[] All = [new PlainWeightPacker()];

    /// <summary>The first layout of <paramref name="target"/> that exists for <paramref name="kind"/>.</summary>
    /// <exception cref="CompileException">The target lists no such layout.</exception>
    public static IWeightPacker Choose(TargetDescription target, PlanKind kind)
    {
        ArgumentNullException.ThrowIfNull(target);
        foreach (WeightLayout layout in target.Layouts)
        {
            foreach (IWeightPacker packer in All)
            {
                if (packer.Layout == layout && packer.Supports(kind))
                {
                    return packer;
                }
            }
        }

        throw new CompileException($"target {target.Name} has no weight layout for {kind}");
    }
}
