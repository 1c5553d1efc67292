using System.CommandLine;
using System.IO;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Models;
using NfRuntime.Cli.Output;
using NfRuntime.Images.Oci;

namespace NfRuntime.Cli.Commands;

/// <summary>capsule save: images to one file, for an SD card or a machine without network.</summary>
internal sealed class SaveCommand : ToolCommand
{
    private readonly Argument<string[]> _images = new("IMAGE") { Description = "Images to save.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string> _output = new("--output", "-o") { Description = "The file: a tar of an OCI image layout.", HelpName = "FILE", Required = true };
    private readonly Option<bool> _json = JsonOption();

    public SaveCommand(ToolEnvironment environment)
        : base(environment, "save", "Saves images to one file.", "capsule save fashion:2 -o fashion.tar", "capsule save fashion:1 fashion:2 -o both.tar")
    {
        Add(_images);
        Add(_output);
        Add(_json);
    }

    protected override Task<int> RunAsync(CommandContext context)
    {
        string file = context.Value(_output);
        NamedFile.RequirePlace(file);
        new ImageStore(new ToolHome(context.Environment).Images).Export(file, context.Value(_images));
        long bytes = new FileInfo(file).Length;
        context.Console.Json(new SavedShape(file, bytes), Shapes.Default.SavedShape);
        context.Console.Line($" {file}   {Figures.Size(bytes)}");
        return Task.FromResult(ExitCode.Success);
    }
}
