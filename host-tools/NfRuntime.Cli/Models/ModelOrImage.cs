using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Cli.Commands;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;
using NfRuntime.Images.Building;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Oci;
using NfRuntime.Model.Ir;
using NfRuntime.Model.Plan;

namespace NfRuntime.Cli.Models;

/// <summary>What a command takes where it says MODEL|IMAGE: a .tflite file, or an image of the local store.</summary>
internal static class ModelOrImage
{
    private const string ModelSuffix = ".tflite";

    /// <summary>Whether a model file is meant: what exists as a file, or is called like one.</summary>
    public static bool IsModel(string name) => File.Exists(name) || name.EndsWith(ModelSuffix, StringComparison.OrdinalIgnoreCase);

    /// <summary>The plan of a model, compiled for <paramref name="target"/>, or of an image's target.</summary>
    /// <exception cref="ToolException">There is no such model, or the image has no such target.</exception>
    public static async Task<PlanSource> OpenAsync(string name, string target, CommandContext context)
    {
        if (!IsModel(name))
        {
            return OpenImage(name, target, context.Environment).Plan;
        }

        Graph graph = await ModelFile.ImportAsync(name, context.Cancellation).ConfigureAwait(false);
        CompiledPlan plan = ModelCompiler.Compile(graph, new CompileOptions { Target = Targets.ByName(target) });
        return PlanSource.Read(Path.GetFileName(name), target, plan.Blob);
    }

    /// <summary>An image's plan and golden vectors for one target.</summary>
    /// <exception cref="ToolException">The image has no such target.</exception>
    public static (PlanSource Plan, GoldenVectors? Vectors) OpenImage(string name, string target, ToolEnvironment environment)
    {
        var store = new ImageStore(new ToolHome(environment).Images);
        StoredImage stored = store.Find(name);
        CapsuleVariant variant = VariantOf(store, stored, target, name);
        byte[]? vectors = variant.Layer(SectionKind.Vectors) is { } layer ? store.Fetch(layer) : null;
        return (PlanSource.Read(name, target, store.Fetch(variant.Layer(SectionKind.Model)!)), vectors is null ? null : VectorsFile.Read(vectors));
    }

    /// <summary>An image's variant for a target.</summary>
    /// <exception cref="ToolException">The image has no such target.</exception>
    public static CapsuleVariant VariantOf(ImageStore store, StoredImage stored, string target, string name)
    {
        IReadOnlyList<CapsuleVariant> variants = CapsuleImage.Read(store, stored.Root).Variants;
        return variants.FirstOrDefault(variant => variant.Target == target)
            ?? throw new ToolException(ErrorCodes.ImageTarget, $"{name} has no target {target}.", $"It has {string.Join(", ", variants.Select(v => v.Target))}: build it for {target} too.");
    }
}
