using System.CommandLine;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Output;
using NfRuntime.Cli.Registry;
using NfRuntime.Images.Oci;
using NfRuntime.Images.Registry;

namespace NfRuntime.Cli.Commands;

/// <summary>capsule push: an image of the local store to a registry.</summary>
internal sealed class PushCommand : ToolCommand
{
    private const string Moved = "pushed";
    private readonly Argument<string> _image = new("IMAGE") { Description = "An image of the local store: name:tag, digest, or its first 12 digits." };
    private readonly Argument<string?> _to = new("TO") { Description = "HOST[:PORT]/NAME:TAG; IMAGE itself when it names a registry.", Arity = ArgumentArity.ZeroOrOne };
    private readonly RegistryOptionSet _registry = new();
    private readonly Option<bool> _json = JsonOption();

    public PushCommand(ToolEnvironment environment)
        : base(environment, "push", "Sends an image to a registry; what is there is not sent again.", "capsule push fashion:2 localhost:5000/fashion:2", "capsule push registry.example.com/team/fashion:2")
    {
        Add(_image);
        Add(_to);
        _registry.AddTo(this);
        Add(_json);
    }

    protected override async Task<int> RunAsync(CommandContext context)
    {
        ImageReference to = RegistryOptionSet.RequireHost(context.Value(_to) ?? context.Value(_image));
        if (to.Digest is not null)
        {
            throw new ToolException(ErrorCodes.OptionValue, $"{to} has a digest, which comes from the image.", "Give a tag.");
        }

        var store = new ImageStore(new ToolHome(context.Environment).Images);
        StoredImage image = store.Find(context.Value(_image));
        var pusher = new ImagePusher(store, _registry.Read(context, to));
        TransferResult result = await TransferDisplay.RunAsync(context.Console, Moved, progress => pusher.PushAsync(image.Root, to, progress, context.Cancellation)).ConfigureAwait(false);
        store.Tag(image.Root.Digest.ToString(), to); // says later which repositories have its blobs
        context.Console.Json(TransferShape.Of([to.TagName!], result, Moved), Shapes.Default.TransferShape);
        context.Console.Line($" {to.TagName} sha256:{image.Root.Digest.Short}   {TransferDisplay.Summary(result, Moved)}");
        return ExitCode.Success;
    }
}
