using System.CommandLine;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Cli.Building;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Keys;
using NfRuntime.Cli.Output;
using NfRuntime.Cli.Projects;
using NfRuntime.Images.Building;
using NfRuntime.Images.Oci;
using NfRuntime.Images.Signing;

namespace NfRuntime.Cli.Commands;

/// <summary>capsule build: a project to a signed image in the local store.</summary>
internal sealed class BuildCommand : ToolCommand
{
    private readonly Argument<string> _folder = new("DIR") { Description = "A folder with a capsule.json." };
    private readonly Option<string?> _tag = new("--tag", "-t") { Description = "Tag of the image. Default: the project's name and version.", HelpName = "NAME:TAG" };
    private readonly Option<string?> _key = new("--key") { Description = "Key that signs: a file, or a name in the folder of keys. Default: the project's, else \"default\".", HelpName = "FILE" };
    private readonly Option<string?> _processorPe = new("--processor-pe") { Description = "The processor as nanoFramework's MetadataProcessor made it, for device targets.", HelpName = "FILE" };
    private readonly Option<bool> _json = JsonOption();

    public BuildCommand(ToolEnvironment environment)
        : base(
            environment,
            "build",
            "Builds a capsule project: compiles, proves every target against the reference, gates, signs and stores.",
            "capsule build samples/fashion/v1 -t fashion:1",
            "capsule build . --key acme --json")
    {
        Add(_folder);
        Add(_tag);
        Add(_key);
        Add(_processorPe);
        Add(_json);
    }

    protected override async Task<int> RunAsync(CommandContext context)
    {
        CapsuleProject project = ProjectReader.Read(context.Value(_folder));
        ImageReference tag = ImageReference.Parse(context.Value(_tag) ?? $"{project.Name}:{project.Version}");
        if (tag is not { Digest: null, TagName: not null })
        {
            throw new ToolException(ErrorCodes.OptionValue, $"\"{tag}\" is no tag.", "Write -t name:tag.");
        }

        var home = new ToolHome(context.Environment);
        using SigningKey key = new KeyStore(home.Keys, context.Environment).Load(context.Value(_key) ?? project.Key ?? KeyStore.DefaultName);
        var builder = new CapsuleBuilder(context.Environment, new BuildText(context.Console));
        BuildResult result = await builder.BuildAsync(project, context.Value(_processorPe), key, context.Cancellation).ConfigureAwait(false);
        var store = new ImageStore(home.Images);
        context.Cancellation.ThrowIfCancellationRequested();
        store.Add((result.Image.Content, [tag]));
        Write(context.Console, store, tag.TagName, result);
        return ExitCode.Success;
    }

    private static void Write(ToolConsole console, ImageStore store, string tag, BuildResult result)
    {
        Descriptor root = result.Image.Content.Root;
        CapsuleImage image = CapsuleImage.Read(store, root);
        (long shared, string? with) = Sharing.Closest(store, image);
        long bytes = image.Blobs.Values.Sum();
        console.Json(
            new BuildShape(tag, root.Digest.ToString(), result.Image.UnsignedDigest.ToString(), result.KeyId, bytes, shared, [.. image.Variants.Select(v => v.Target)]),
            Shapes.Default.BuildShape);
        string sharing = shared == 0 ? string.Empty : $"   ({Figures.Size(shared)} shared with {with})";
        console.Line($" {tag} sha256:{root.Digest.Short}   {Figures.Size(bytes)}{sharing}");
    }
}
