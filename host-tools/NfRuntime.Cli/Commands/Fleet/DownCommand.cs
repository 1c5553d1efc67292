using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Playground;

namespace NfRuntime.Cli.Commands.Fleet;

/// <summary>capsule down: ends the playground.</summary>
internal sealed class DownCommand : ToolCommand
{
    private readonly Option<bool> _clean = new("--clean") { Description = "Also forget the devices: their keys, their flash, and the controller's database. Keys and images stay." };
    private readonly Option<bool> _json = JsonOption();

    public DownCommand(ToolEnvironment environment)
        : base(environment, "down", "Ends what capsule up started, and nothing else.", "capsule down", "capsule down --clean")
    {
        Add(_clean);
        Add(_json);
    }

    protected override async Task<int> RunAsync(CommandContext context)
    {
        var folder = new PlaygroundFolder(new ToolHome(context.Environment));
        if (!Directory.Exists(folder.Root))
        {
            context.Console.Json(new DownResult([]), FleetResults.Default.DownResult);
            context.Console.Line(" No playground is up.");
            return ExitCode.Success;
        }

        IReadOnlyList<string> ended;
        using (PlaygroundLock.Take(folder))
        {
            ended = await new PlaygroundStopper(folder).RunAsync(context.Cancellation).ConfigureAwait(false);
        }

        if (context.Value(_clean))
        {
            Directory.Delete(folder.Root, recursive: true);
        }

        context.Console.Json(new DownResult(ended), FleetResults.Default.DownResult);
        context.Console.Line(ended.Count == 0 ? " No playground is up." : $" Ended: {string.Join(", ", ended)}.");
        return ExitCode.Success;
    }
}
