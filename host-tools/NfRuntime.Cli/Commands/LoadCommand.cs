using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Models;
using NfRuntime.Cli.Output;
using NfRuntime.Images.Oci;

namespace NfRuntime.Cli.Commands;

/// <summary>capsule load: images from a file that save or another OCI tool wrote.</summary>
internal sealed class LoadCommand : ToolCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "A tar of an OCI image layout." };
    private readonly Option<bool> _json = JsonOption();

    public LoadCommand(ToolEnvironment environment)
        : base(environment, "load", "Loads images from one file; every blob is verified.", "capsule load fashion.tar")
    {
        Add(_file);
        Add(_json);
    }

    protected override Task<int> RunAsync(CommandContext context)
    {
        string file = context.Value(_file);
        if (!File.Exists(file))
        {
            throw new ToolException(ErrorCodes.FileAccess, $"There is no file {file}.", "Give a file that capsule save wrote.");
        }

        NamedFile.RequireContent(file);
        IReadOnlyList<StoredImage> images = new ImageStore(new ToolHome(context.Environment).Images).Import(file);
        context.Console.Json([.. images.Select(image => new LoadedShape(image.Tags, image.Root.Digest.ToString()))], Shapes.Default.LoadedShapeArray);
        foreach (StoredImage image in images)
        {
            string tags = image.Tags.Count == 0 ? "<none>" : string.Join(", ", image.Tags);
            context.Console.Line($" {tags} sha256:{image.Root.Digest.Short}");
        }

        return Task.FromResult(ExitCode.Success);
    }
}
