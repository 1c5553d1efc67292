using System.CommandLine;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Output;
using NfRuntime.Cli.Registry;
using NfRuntime.Images.Oci;
using NfRuntime.Images.Registry;

namespace NfRuntime.Cli.Commands;

/// <summary>capsule pull: an image of a registry into the local store.</summary>
internal sealed class PullCommand : ToolCommand
{
    private const string Moved = "fetched";
    private readonly Argument<string> _image = new("IMAGE") { Description = "HOST[:PORT]/NAME:TAG or HOST[:PORT]/NAME@sha256:…" };
    private readonly Option<string?> _target = new("--target") { Description = "Only this target; the image is then its manifest, with that digest.", HelpName = "TARGET" };
    private readonly Option<string[]> _tags = new("--tag", "-t") { Description = "One more name:tag for it in the local store.", HelpName = "NAME:TAG", DefaultValueFactory = _ => [] };
    private readonly RegistryOptionSet _registry = new();
    private readonly Option<bool> _json = JsonOption();

    public PullCommand(ToolEnvironment environment)
        : base(environment, "pull", "Fetches an image from a registry; every blob is verified.", "capsule pull localhost:5000/fashion:2", "capsule pull registry.example.com/team/fashion:2 --target cortex-m4 -t fashion:2")
    {
        Add(_image);
        Add(_target);
        Add(_tags);
        _registry.AddTo(this);
        Add(_json);
    }

    protected override async Task<int> RunAsync(CommandContext context)
    {
        ImageReference from = RegistryOptionSet.RequireHost(context.Value(_image));
        ImageReference[] tags = [.. context.Value(_tags).Append(from.TagName).OfType<string>().Select(RequireTag).DistinctBy(tag => tag.TagName)];
        var store = new ImageStore(new ToolHome(context.Environment).Images);
        var puller = new ImagePuller(store, _registry.Read(context, from));
        TransferResult result = await TransferDisplay.RunAsync(
            context.Console, Moved, progress => puller.PullAsync(from, context.Value(_target), tags, progress, context.Cancellation)).ConfigureAwait(false);
        string[] names = [.. tags.Select(tag => tag.TagName!)];
        context.Console.Json(TransferShape.Of(names, result, Moved), Shapes.Default.TransferShape);
        string name = names.Length == 0 ? "<none>" : string.Join(", ", names);
        context.Console.Line($" {name} sha256:{result.Root.Digest.Short}   {TransferDisplay.Summary(result, Moved)}");
        return ExitCode.Success;
    }

    private static ImageReference RequireTag(string text) => ImageReference.Parse(text) is { Digest: null } tag
        ? tag
        : throw new ToolException(ErrorCodes.OptionValue, $"{text} is no tag.", "Write name:tag.");
}
