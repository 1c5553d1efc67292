using System.Collections.Generic;
using System.CommandLine;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Output;
using NfRuntime.Images.Oci;

namespace NfRuntime.Cli.Commands;

/// <summary>capsule rm: removes tags, and what no tag needs any more.</summary>
internal sealed class RmCommand : ToolCommand
{
    private readonly Argument<string[]> _images = new("IMAGE") { Description = "A tag, or a digest for the image with all its tags.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<bool> _json = JsonOption();

    public RmCommand(ToolEnvironment environment)
        : base(environment, "rm", "Removes images from the local store.", "capsule rm fashion:1", "capsule rm 9b1f0c22a7e4")
    {
        Add(_images);
        Add(_json);
    }

    protected override Task<int> RunAsync(CommandContext context)
    {
        var store = new ImageStore(new ToolHome(context.Environment).Images);
        var removed = new List<RemovedShape>();
        foreach (string image in context.Value(_images))
        {
            StoredImage found = store.Find(image);
            RemovalResult removal = store.Remove(image);
            removed.Add(new RemovedShape(removal.Untagged, found.Root.Digest.ToString(), removal.FreedBytes));
            string what = removal.Untagged.Count == 0 ? $"sha256:{found.Root.Digest.Short}" : string.Join(", ", removal.Untagged);
            context.Console.Line($" removed {what}, {Figures.Size(removal.FreedBytes)} freed");
        }

        context.Console.Json([.. removed], Shapes.Default.RemovedShapeArray);
        return Task.FromResult(ExitCode.Success);
    }
}
