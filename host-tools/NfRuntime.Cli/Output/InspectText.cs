using System.Collections.Generic;
using System.Linq;
using NfRuntime.Images.Building;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Oci;
using NfRuntime.Model.Plan;

namespace NfRuntime.Cli.Output;

/// <summary>A capsule's manifest in words.</summary>
internal static class InspectText
{
    /// <summary>model, managed, …</summary>
    public static string Name(SectionKind kind) => kind switch
    {
        SectionKind.Model => "model",
        SectionKind.Managed => "managed",
        SectionKind.Vectors => "vectors",
        SectionKind.Baseline => "baseline",
        _ => "labels",
    };

    /// <summary>How samples become tensors, and outputs results.</summary>
    public static IEnumerable<string> Processing(CapsuleManifest manifest)
    {
        foreach (PreProcessing pre in manifest.Pre)
        {
            string channels = pre.Channels.Count == 1 ? string.Empty : $", {pre.Channels.Count} channels";
            string window = pre.Window == 0 ? string.Empty : $", window of {pre.Window}, {pre.Hop} new a feed";
            yield return $"input {pre.Input} from {pre.Source.ToString().ToLowerInvariant()} samples{channels}{window}";
        }

        if (manifest.Processor is { } processor)
        {
            yield return $"by {processor}";
        }

        if (manifest.Post is { } post)
        {
            string threshold = post.Threshold is { } least ? $", decided from {(least - post.ZeroPoint) * post.Scale:0.###} on" : string.Empty;
            string debounce = post.Debounce is { } d ? $", {d.Needed} of {d.Window} inferences" : string.Empty;
            yield return $"output {post.Output} to the best {post.TopK}{threshold}{debounce}{(post.Labelled ? ", labelled" : string.Empty)}";
        }
    }

    public static InspectShape ToShape(StoredImage stored, CapsuleImage image)
    {
        CapsuleManifest first = image.Variants[0].Manifest;
        CapsuleConfig config = image.Variants[0].Config;
        return new InspectShape(
            stored.Tags, stored.Root.Digest.ToString(), first.Name, first.Version, first.SecurityCounter, config.ModelName, config.ModelDigest.ToString(),
            config.SdkVersion, image.Blobs.Values.Sum(), [.. image.Variants.Select(ToShape)]);
    }

    private static VariantShape ToShape(CapsuleVariant variant) => new(
        variant.Target,
        variant.Descriptor.Digest.ToString(),
        variant.Signer.Hex,
        variant.Manifest.Needs,
        [.. variant.Manifest.Operators.Kinds().Select(kind => ((PlanKind)kind).ToString())],
        variant.Manifest.Capabilities.ToString(),
        variant.Manifest.Processor,
        [.. Processing(variant.Manifest)],
        [.. variant.Manifest.Sections.Select(section => new SectionShape(Name(section.Kind), section.Size, section.Digest.ToString()))],
        variant.Config.Figures);
}
