using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Output;
using NfRuntime.Images.Building;
using NfRuntime.Images.Oci;

namespace NfRuntime.Cli.Commands;

/// <summary>capsule history: the layers of an image, and which other images have them too.</summary>
internal sealed class HistoryCommand : ToolCommand
{
    private readonly Argument<string> _image = new("IMAGE") { Description = "An image: name:tag, digest, or its first 12 digits." };
    private readonly Option<bool> _json = JsonOption();

    public HistoryCommand(ToolEnvironment environment)
        : base(environment, "history", "Shows an image's layers with their sizes, and what other images share them.", "capsule history fashion:2")
    {
        Add(_image);
        Add(_json);
    }

    protected override Task<int> RunAsync(CommandContext context)
    {
        var store = new ImageStore(new ToolHome(context.Environment).Images);
        StoredImage stored = store.Find(context.Value(_image));
        Dictionary<string, CapsuleImage> others = store.List().Where(other => other.Root.Digest != stored.Root.Digest)
            .ToDictionary(other => other.Tags.Count == 0 ? "sha256:" + other.Root.Digest.Short : other.Tags[0], other => CapsuleImage.Read(store, other.Root));
        LayerShape[] layers = [.. CapsuleImage.Read(store, stored.Root).Variants.SelectMany(variant => variant.Layers.Select(layer => Describe(variant, layer, others)))];
        context.Console.Json(layers, Shapes.Default.LayerShapeArray);
        var table = new TextTable("TARGET", "LAYER", "DIGEST", ">SIZE", "ALSO IN");
        foreach (LayerShape layer in layers)
        {
            table.Add(layer.Target, layer.Title, layer.Digest["sha256:".Length..][..12], Figures.Size(layer.Bytes), string.Join(", ", layer.AlsoIn));
        }

        table.WriteTo(context.Console);
        return Task.FromResult(ExitCode.Success);
    }

    private static LayerShape Describe(CapsuleVariant variant, Descriptor layer, Dictionary<string, CapsuleImage> others) => new(
        variant.Target,
        layer.Annotation(AnnotationNames.Title) ?? layer.MediaType,
        layer.Digest.ToString(),
        layer.Size,
        [.. others.Where(other => other.Value.Blobs.ContainsKey(layer.Digest)).Select(other => other.Key)]);
}
