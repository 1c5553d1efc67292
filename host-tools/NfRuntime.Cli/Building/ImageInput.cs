using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Projects;
using NfRuntime.Images;
using NfRuntime.Images.Building;
using NfRuntime.Images.Capsule;
using NfRuntime.Model.Plan;

namespace NfRuntime.Cli.Building;

/// <summary>Puts together what an image is made of.</summary>
internal sealed class ImageInput(CapsuleProject project, Processing processing, ManagedCode? managed, IReadOnlyList<string>? labels)
{
    private const ushort EngineAbiMajor = 1;
    private const ushort EngineAbiMinor = 0;

    public CapsuleBuildInput Create(Digest model, IReadOnlyList<(string Target, CompiledPlan Plan, GoldenVectors Vectors)> targets) => new()
    {
        Name = project.Name,
        Version = project.Version,
        SecurityCounter = project.Counter,
        SdkVersion = $"nf-runtime {ToolVersion.Text}",
        CompilerVersion = ToolVersion.Text,
        ModelName = Path.GetFileName(project.Model),
        ModelDigest = model,
        Variants = [.. targets.Select(target => Variant(target.Target, target.Plan, target.Vectors))],
    };

    private VariantInput Variant(string target, CompiledPlan plan, GoldenVectors vectors) => new()
    {
        Target = target,
        Plan = plan.Blob,
        Engine = new EngineRequirement(EngineAbiMajor, EngineAbiMinor, PlanFormat.Major, PlanFormat.Minor, Layouts(plan)),
        Needs = Needs(plan.Report),
        Operators = OperatorSet.Of(plan.Operators.Select(info => (int)info.Kind)),
        Capabilities = project.Capabilities,
        Managed = ManagedFor(target) is { } bytes ? (ReadOnlyMemory<byte>?)bytes : null,
        Processor = managed?.Type,
        Vectors = vectors,
        Labels = labels,
        Pre = processing.Pre,
        Post = processing.Post,
        Figures = Figures(plan.Report),
    };

    private byte[]? ManagedFor(string target) => target == TargetPlatform.Host ? managed?.Dll : managed?.Pe;

    private CapsuleNeeds Needs(PlanReport report) => new(
        (uint)report.StateBytes,
        (uint)report.ArenaBytes,
        project.Needs.InputCopyBytes,
        project.Needs.StackBytes,
        project.Needs.DeadlineMs,
        project.Needs.ManagedHeapBytes);

    private static uint Layouts(CompiledPlan plan) =>
        PlanReader.Read(plan.Blob.Span).Operators.Aggregate(0u, (set, op) => set | (1u << (int)op.Layout));

    private static Dictionary<string, long> Figures(PlanReport report) => new()
    {
        ["macs"] = report.Macs,
        ["operators"] = report.Rows.Count,
        ["weight_bytes"] = report.WeightBytes,
        ["constant_bytes"] = report.ConstantBytes,
        ["plan_bytes"] = report.PlanBytes,
        ["arena_bytes"] = report.ArenaBytes,
        ["arena_bound_bytes"] = report.LivenessBound,
        ["scratch_bytes"] = report.ScratchBytes,
        ["state_bytes"] = report.StateBytes,
    };
}
