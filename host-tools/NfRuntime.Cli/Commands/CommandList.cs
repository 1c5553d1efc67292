using System.Collections.Generic;
using System.CommandLine;
using NfRuntime.Cli.Commands.Fleet;
using NfRuntime.Cli.Hosting;

namespace NfRuntime.Cli.Commands;

/// <summary>Every command of the tool, in the order of help.</summary>
internal static class CommandList
{
    public static IEnumerable<Command> All(ToolEnvironment environment) =>
    [
        new BuildCommand(environment),
        new CompileCommand(environment),
        new RunCommand(environment),
        new TestCommand(environment),

        new EvalCommand(environment),
        new ImagesCommand(environment),
        new TagCommand(environment),
        new RmCommand(environment),
        new InspectCommand(environment),
        new HistoryCommand(environment),
        new SaveCommand(environment),
        new LoadCommand(environment),
        new PushCommand(environment),
        new PullCommand(environment),
        new LoginCommand(environment),
        new LogoutCommand(environment),
        new VerifyCommand(environment),
        new KeygenCommand(environment),
        new PruneCommand(environment),

        new UpCommand(environment),
        new DownCommand(environment),
        new DevicesCommand(environment),
        new DeployCommand(environment),
        new PsCommand(environment),
        new LogsCommand(environment),
        new StatsCommand(environment),
        new WhyCommand(environment),
        new ConfirmCommand(environment),
        new RollbackCommand(environment),
        new CommandGroup(
            "device",
            "Lets devices into the fleet, and out of it.",
            new DeviceEnrollCommand(environment),
            new DeviceRotateCommand(environment),
            new DeviceRevokeCommand(environment),
            new DeviceRetireCommand(environment)),
        new CommandGroup("fleet", "The services of a fleet, each in a process of its own.", new FleetControllerCommand(environment), new FleetDistributorCommand(environment)),
        new CommandGroup("store", "Looks into the store on a device's flash.", new StoreInspectCommand(environment)),
        new CommandGroup("board", "Says what boards can hold.", new BoardCheckCommand(environment)),
    ];
}
