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

/// <summary>capsule images: what is in the local store.</summary>
internal sealed class ImagesCommand : ToolCommand
{
    private readonly Option<bool> _json = JsonOption();

    public ImagesCommand(ToolEnvironment environment)
        : base(environment, "images", "Lists the images of the local store.", "capsule images", "capsule images --json") => Add(_json);

    protected override Task<int> RunAsync(CommandContext context)
    {
        var store = new ImageStore(new ToolHome(context.Environment).Images);
        ImageShape[] images = [.. store.List().Select(stored => Describe(store, stored))];
        context.Console.Json(images, Shapes.Default.ImageShapeArray);
        if (images.Length == 0)
        {
            context.Console.Line(" No images. capsule build DIR -t name:tag makes one; capsule load FILE brings one.");
            return Task.FromResult(ExitCode.Success);
        }

        var table = new TextTable("IMAGE", "DIGEST", "NAME", "VERSION", ">COUNTER", ">SIZE", "TARGETS");
        foreach (ImageShape image in images)
        {
            IEnumerable<string> tags = image.Tags.Count == 0 ? ["<none>"] : image.Tags;
            foreach (string tag in tags)
            {
                table.Add(tag, image.Digest["sha256:".Length..][..12], image.Name, image.Version, $"{image.SecurityCounter}", Figures.Size(image.Bytes), string.Join(", ", image.Targets));
            }
        }

        table.WriteTo(context.Console);
        return Task.FromResult(ExitCode.Success);
    }

    private static ImageShape Describe(ImageStore store, StoredImage stored)
    {
        CapsuleImage image = CapsuleImage.Read(store, stored.Root);
        CapsuleVariant first = image.Variants[0];
        return new ImageShape(
            stored.Tags,
            stored.Root.Digest.ToString(),
            first.Manifest.Name,
            first.Manifest.Version,
            first.Manifest.SecurityCounter,
            image.Blobs.Values.Sum(),
            [.. image.Variants.Select(variant => variant.Target)]);
    }
}
