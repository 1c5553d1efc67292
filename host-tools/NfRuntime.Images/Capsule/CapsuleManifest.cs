using System;
using System.Collections.Generic;
using System.Linq;

namespace NfRuntime.Images.Capsule;

/// <summary>What a capsule says about itself: firmware/capsule/SPEC.md, section 1. Ranges are checked when written and when read.</summary>
public sealed record CapsuleManifest
{
    /// <summary>The identity, 1…64 characters: <c>[a-z0-9]</c> and single <c>. _ - /</c> between them. Signed, unlike a tag.</summary>
    public required string Name { get; init; }

    /// <summary>1…32 of <c>[0-9A-Za-z.+-]</c>; for people.</summary>
    public required string Version { get; init; }

    /// <summary>What a device refuses to go below once a capsule that asks for it is confirmed.</summary>
    public required uint SecurityCounter { get; init; }

    /// <summary>1…32 of <c>[0-9a-z-]</c>, for example <c>cortex-m4</c>.</summary>
    public required string Target { get; init; }

    public required EngineRequirement Engine { get; init; }

    public required CapsuleNeeds Needs { get; init; }

    public required OperatorSet Operators { get; init; }

    public CapsuleCapabilities Capabilities { get; init; }

    /// <summary>Full type name in the section <see cref="SectionKind.Managed"/>; null exactly when there is none.</summary>
    public string? Processor { get; init; }

    /// <summary>Ascending by kind, at most one a kind; the model is required.</summary>
    public required IReadOnlyList<SectionEntry> Sections { get; init; }

    /// <summary>At most four, ascending by input.</summary>
    public IReadOnlyList<PreProcessing> Pre { get; init; } = [];

    public PostProcessing? Post { get; init; }

    /// <summary>The section of <paramref name="kind"/>, or null.</summary>
    public SectionEntry? Section(SectionKind kind) => Sections.FirstOrDefault(s => s.Kind == kind);
}

/// <summary>The engine and the plan format that the model was compiled for; <paramref name="Layouts"/> is the bit set of weight layouts.</summary>
public sealed record EngineRequirement(ushort AbiMajor, ushort AbiMinor, byte PlanMajor, byte PlanMinor, uint Layouts);

/// <summary>What a device must have free. Sizes in bytes; <paramref name="DeadlineMs"/> 0 = none.</summary>
/// <param name="StateBytes">Kept between inferences: the plan's state and the windows of pre-processing.</param>
/// <param name="ArenaBytes">The transient arena that all capsules share.</param>
/// <param name="InputCopyBytes">Extra copies of inputs (shadow mode, double-buffered capture).</param>
/// <param name="StackBytes">Native stack of one slice.</param>
/// <param name="DeadlineMs">Milliseconds from feed to result.</param>
/// <param name="ManagedHeapBytes">Budget of the managed processor.</param>
public sealed record CapsuleNeeds(
    uint StateBytes, uint ArenaBytes, uint InputCopyBytes, uint StackBytes, uint DeadlineMs, uint ManagedHeapBytes);

/// <summary>Kinds of section; the numbers are permanent.</summary>
public enum SectionKind
{
    Model = 1,
    Managed = 2,
    Vectors = 3,
    Baseline = 4,
    Labels = 5,
}

/// <summary>One section: its kind, its size (1 byte … 16 MiB) and its digest.</summary>
public sealed record SectionEntry(SectionKind Kind, uint Size, Digest Digest)
{
    public const uint MaxBytes = 16 << 20;

    /// <summary>Describes <paramref name="content"/>.</summary>
    public static SectionEntry Of(SectionKind kind, ReadOnlySpan<byte> content) =>
        new(kind, (uint)content.Length, Digest.Of(content));
}

/// <summary>Namespaces that managed code may reference; each opens entries of the device's allow-list.</summary>
[Flags]
public enum CapsuleCapabilities
{
    None = 0,
    Math = 1 << 0,
    Gpio = 1 << 1,
    Adc = 1 << 2,
    I2c = 1 << 3,
    Spi = 1 << 4,
    Networking = 1 << 5,
    Storage = 1 << 6,
}

/// <summary>A set of plan operator kinds, 0…127.</summary>
public readonly record struct OperatorSet(UInt128 Bits)
{
    public const int Capacity = 128;

    /// <exception cref="ArgumentOutOfRangeException">A kind outside 0…127.</exception>
    public static OperatorSet Of(params IEnumerable<int> kinds)
    {
        ArgumentNullException.ThrowIfNull(kinds);
        UInt128 bits = 0;
        foreach (int kind in kinds)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(kind, nameof(kinds));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(kind, Capacity, nameof(kinds));
            bits |= UInt128.One << kind;
        }

        return new OperatorSet(bits);
    }

    public bool Contains(int kind) => kind is >= 0 and < Capacity && ((Bits >> kind) & 1) != 0;

    /// <summary>The kinds in ascending order.</summary>
    public IEnumerable<int> Kinds()
    {
        OperatorSet set = this;
        return Enumerable.Range(0, Capacity).Where(set.Contains);
    }
}
