using System.CommandLine;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Output;
using NfRuntime.Images;
using NfRuntime.Images.Oci;

namespace NfRuntime.Cli.Commands;

/// <summary>capsule tag: one more name for an image.</summary>
internal sealed class TagCommand : ToolCommand
{
    private readonly Argument<string> _image = new("IMAGE") { Description = "An image: name:tag, digest, or its first 12 digits." };
    private readonly Argument<string> _tag = new("TAG") { Description = "The new name:tag; it moves when another image has it." };
    private readonly Option<bool> _json = JsonOption();

    public TagCommand(ToolEnvironment environment)
        : base(environment, "tag", "Gives an image one more tag.", "capsule tag fashion:2 fashion:stable", "capsule tag 9b1f0c22a7e4 fashion:2")
    {
        Add(_image);
        Add(_tag);
        Add(_json);
    }

    protected override Task<int> RunAsync(CommandContext context)
    {
        var store = new ImageStore(new ToolHome(context.Environment).Images);
        ImageReference tag = ImageReference.Parse(context.Value(_tag));
        store.Tag(context.Value(_image), tag);
        Digest digest = store.Find(tag.TagName!).Root.Digest;
        context.Console.Json(new TaggedShape(tag.TagName!, digest.ToString()), Shapes.Default.TaggedShape);
        context.Console.Line($" {tag.TagName} sha256:{digest.Short}");
        return Task.FromResult(ExitCode.Success);
    }
}
