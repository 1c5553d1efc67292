using System;
using System.Collections.Generic;

namespace NfRuntime.Model.Ir;

/// <summary>Affine quantization: real = scale × (q − zero point).</summary>
/// <param name="Scales">One scale (per tensor) or one per index of <paramref name="Axis"/>; finite and greater than 0.</param>
/// <param name="ZeroPoints">As many as scales; within the range of the tensor's type.</param>
/// <param name="Axis">The quantized dimension when there is more than one scale, else 0.</param>
public sealed record Quantization(IReadOnlyList<float> Scales, IReadOnlyList<int> ZeroPoints, int Axis)
{
    /// <summary>Whether each index along <see cref="Axis"/> has a scale of its own.</summary>
    public bool IsPerChannel => Scales.Count > 1;

    /// <summary>The scale of a per-tensor quantization (the first one otherwise).</summary>
    public float Scale => Scales[0];

    /// <summary>The zero point of a per-tensor quantization (the first one otherwise).</summary>
    public int ZeroPoint => ZeroPoints[0];

    /// <summary>A per-tensor quantization.</summary>
    public static Quantization PerTensor(float scale, int zeroPoint) => new([scale], [zeroPoint], 0);

    /// <summary>The scale of channel <paramref name="index"/>; the one scale when quantized per tensor.</summary>
    public float ScaleOf(int index) => Scales.Count == 1 ? Scales[0] : Scales[index];

    /// <inheritdoc/>
    public bool Equals(Quantization? other) =>
        other is not null && Axis == other.Axis
        && System.Linq.Enumerable.SequenceEqual(Scales, other.Scales)
        && System.Linq.Enumerable.SequenceEqual(ZeroPoints, other.ZeroPoints);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Axis, Scales.Count, Scales[0], ZeroPoints[0]);
}
