using System;
using System.Collections.Generic;
using NfRuntime.Images.Capsule;

namespace NfRuntime.Images.Building;

/// <summary>All that an image is made of; equal inputs and an equal key give an equal digest.</summary>
public sealed record CapsuleBuildInput
{
    /// <summary>The capsule's name (<see cref="ManifestText.IsName"/>).</summary>
    public required string Name { get; init; }

    /// <summary>The capsule's version (<see cref="ManifestText.IsVersion"/>).</summary>
    public required string Version { get; init; }

    public required uint SecurityCounter { get; init; }

    /// <summary>What built this, for example "nf-runtime 0.1.0"; an annotation, no date.</summary>
    public required string SdkVersion { get; init; }

    /// <summary>The compiler's version, in the config.</summary>
    public required string CompilerVersion { get; init; }

    /// <summary>File name of the source model, without folders.</summary>
    public required string ModelName { get; init; }

    /// <summary>Digest of the source model.</summary>
    public required Digest ModelDigest { get; init; }

    /// <summary>One a target, targets distinct; their order does not matter.</summary>
    public required IReadOnlyList<VariantInput> Variants { get; init; }
}

/// <summary>What one target gets.</summary>
public sealed record VariantInput
{
    /// <summary>The target (<see cref="ManifestText.IsTarget"/>).</summary>
    public required string Target { get; init; }

    /// <summary>Plan and packed weights.</summary>
    public required ReadOnlyMemory<byte> Plan { get; init; }

    public required EngineRequirement Engine { get; init; }

    /// <summary>
    /// Needs of the plan and of the processor. The builder adds the windows of <see cref="Pre"/> to the state and rounds the sum up to
    /// a multiple of <see cref="CapsuleImageBuilder.StateAlignment"/>.
    /// </summary>
    public required CapsuleNeeds Needs { get; init; }

    public required OperatorSet Operators { get; init; }

    public CapsuleCapabilities Capabilities { get; init; }

    /// <summary>A .pe for devices, a .dll for the target <c>host</c>; together with <see cref="Processor"/>.</summary>
    public ReadOnlyMemory<byte>? Managed { get; init; }

    /// <summary>Full type name of the processor.</summary>
    public string? Processor { get; init; }

    public GoldenVectors? Vectors { get; init; }

    /// <summary>Training-time histograms.</summary>
    public ReadOnlyMemory<byte>? Baseline { get; init; }

    public IReadOnlyList<string>? Labels { get; init; }

    public IReadOnlyList<PreProcessing> Pre { get; init; } = [];

    public PostProcessing? Post { get; init; }

    /// <summary>Figures of the compiler's report for the config, such as "macs" or "arena_bound"; units are in the names.</summary>
    public IReadOnlyDictionary<string, long> Figures { get; init; } = new Dictionary<string, long>();
}

/// <summary>Input that makes no image; the message names the target and what is wrong.</summary>
public sealed class CapsuleBuildException : Exception
{
    internal CapsuleBuildException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
