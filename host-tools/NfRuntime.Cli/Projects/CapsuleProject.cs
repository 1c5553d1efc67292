using System.Collections.Generic;
using NfRuntime.Images.Capsule;

namespace NfRuntime.Cli.Projects;

/// <summary>A folder with a capsule.json: docs/schemas/capsule.schema.json. Paths are absolute.</summary>
internal sealed record CapsuleProject
{
    public const string FileName = "capsule.json";

    /// <summary>The folder.</summary>
    public required string Folder { get; init; }

    public required string Name { get; init; }

    public required string Version { get; init; }

    /// <summary>Security counter.</summary>
    public required uint Counter { get; init; }

    /// <summary>The .tflite.</summary>
    public required string Model { get; init; }

    /// <summary>Distinct, at least one.</summary>
    public required IReadOnlyList<string> Targets { get; init; }

    /// <summary>Text file, one label a line; null when there is none.</summary>
    public string? Labels { get; init; }

    public IReadOnlyList<DeclaredInput> Pre { get; init; } = [];

    public DeclaredOutput? Post { get; init; }

    public ProcessorSource? Processor { get; init; }

    public required VectorSource Vectors { get; init; }

    public CapsuleCapabilities Capabilities { get; init; }

    public required DeclaredNeeds Needs { get; init; }

    /// <summary>A key file or name; null for the default key.</summary>
    public string? Key { get; init; }
}

/// <summary>Where the managed processor comes from; <paramref name="Project"/> or <paramref name="Dll"/>.</summary>
/// <param name="Project">A .csproj, built for .NET.</param>
/// <param name="Dll">A built assembly.</param>
/// <param name="Pe">What nanoFramework's MetadataProcessor made of it, for device targets.</param>
/// <param name="Type">Full type name; null when the assembly has one processor.</param>
internal sealed record ProcessorSource(string? Project, string? Dll, string? Pe, string? Type);

/// <summary>How a vector's file becomes input tensors.</summary>
internal enum VectorFormat
{
    /// <summary>Samples, through the declared pre-processing.</summary>
    Samples,

    /// <summary>The bytes of all input tensors.</summary>
    Tensor,

    /// <summary>Unsigned bytes, each less 128: an int8 tensor whose zero point is −128 in the middle of grey.</summary>
    UInt8,
}

/// <summary>Real inputs for golden vectors.</summary>
/// <param name="Inputs">A path with * and ? in the file name.</param>
/// <param name="Count">How many files are taken, in the order of their names; 1…64.</param>
/// <param name="Format">What the files hold.</param>
internal sealed record VectorSource(string Inputs, int Count, VectorFormat Format);

/// <summary>What no plan says.</summary>
/// <param name="StackBytes">Native stack of one slice.</param>
/// <param name="DeadlineMs">0 = none.</param>
/// <param name="ManagedHeapBytes">Budget of the managed processor.</param>
/// <param name="InputCopyBytes">Extra copies of inputs.</param>
internal sealed record DeclaredNeeds(uint StackBytes, uint DeadlineMs, uint ManagedHeapBytes, uint InputCopyBytes)
{
    /// <summary>Above what any kernel was measured to take (docs/reference/capsule-json.md).</summary>
    public const uint DefaultStackBytes = 1536;
}
