using System.CommandLine;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Playground;

namespace NfRuntime.Cli.Commands.Fleet;

/// <summary>capsule fleet controller: the playground's controller, in this process.</summary>
internal sealed class FleetControllerCommand : ToolCommand
{
    public FleetControllerCommand(ToolEnvironment environment)
        : base(environment, "controller", "Runs the playground's controller until it is ended; capsule up starts it.", "capsule fleet controller")
    {
    }

    protected override async Task<int> RunAsync(CommandContext context)
    {
        var services = new PlaygroundServices(new PlaygroundFolder(new ToolHome(context.Environment)), context.Console);
        await services.RunControllerAsync(context.Cancellation).ConfigureAwait(false);
        return ExitCode.Success;
    }
}

/// <summary>capsule fleet distributor: the playground's distributor, in this process.</summary>
internal sealed class FleetDistributorCommand : ToolCommand
{
    private readonly Option<string> _name = new("--name") { Description = "Which of the playground's.", DefaultValueFactory = _ => PlaygroundServices.DistributorNames(1)[0], HelpName = "NAME" };

    public FleetDistributorCommand(ToolEnvironment environment)
        : base(environment, "distributor", "Runs a distributor of the playground until it is ended; capsule up starts it.", "capsule fleet distributor --name distributor-1") => Add(_name);

    protected override async Task<int> RunAsync(CommandContext context)
    {
        var services = new PlaygroundServices(new PlaygroundFolder(new ToolHome(context.Environment)), context.Console);
        await services.RunDistributorAsync(context.Value(_name), context.Cancellation).ConfigureAwait(false);
        return ExitCode.Success;
    }
}
