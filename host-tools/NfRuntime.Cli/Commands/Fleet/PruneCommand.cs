using System.CommandLine;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Output;
using NfRuntime.Images.Oci;

namespace NfRuntime.Cli.Commands.Fleet;

/// <summary>capsule prune: the local store's garbage.</summary>
internal sealed class PruneCommand : ToolCommand
{
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Only say what would be removed." };
    private readonly Option<bool> _json = JsonOption();

    public PruneCommand(ToolEnvironment environment)
        : base(environment, "prune", "Removes images that no tag names and blobs that no image needs from the local store.", "capsule prune --dry-run", "capsule prune")
    {
        Add(_dryRun);
        Add(_json);
    }

    protected override Task<int> RunAsync(CommandContext context)
    {
        bool isDry = context.Value(_dryRun);
        PruneReport report = new ImageStore(new ToolHome(context.Environment).Images).Prune(isDry);
        string[] images = [.. report.Images.Select(digest => digest.ToString())];
        context.Console.Json(new PruneResult(images, report.Blobs, report.Bytes, isDry), FleetResults.Default.PruneResult);
        foreach (string image in images)
        {
            context.Console.Line($" untagged {image["sha256:".Length..][..12]}");
        }

        context.Console.Line(report.Blobs == 0 && images.Length == 0
            ? " Nothing to remove."
            : $" {Figures.Plural(images.Length, "image")}, {Figures.Plural(report.Blobs, "blob")}, {Figures.Size(report.Bytes)} {(isDry ? "would be freed. Remove them with: capsule prune" : "freed")}");
        return Task.FromResult(ExitCode.Success);
    }
}
