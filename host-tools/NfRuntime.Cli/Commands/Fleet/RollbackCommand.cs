using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Threading.Tasks;
using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Hosting;

namespace NfRuntime.Cli.Commands.Fleet;

/// <summary>capsule rollback: back to what was confirmed before.</summary>
internal sealed class RollbackCommand : FleetCommand
{
    private readonly Argument<string> _capsule = new("NAME") { Description = "The capsule." };
    private readonly TargetOptions _targets = new();
    private readonly WaitOptions _timeout = new();

    public RollbackCommand(ToolEnvironment environment)
        : base(
            environment,
            "rollback",
            "Ends a trial badly, or goes back from the confirmed version to the one before. The device has it already: no byte is fetched.",
            "capsule rollback fashion --all",
            "capsule rollback fashion --to gateway-01")
    {
        Add(_capsule);
        _targets.AddTo(this);
        _timeout.AddTo(this);
        AddFleetOptions();
    }

    protected override async Task<int> RunAsync(CommandContext context, FleetClient client)
    {
        IReadOnlyList<string>? to = _targets.Read(context, required: true);
        TimeSpan timeout = _timeout.Read(context);
        string name = CapsuleName.Parse(context.Value(_capsule)).Name;
        FleetDeployment change = await client.ChangeAsync("rollback", name, to, context.Cancellation).ConfigureAwait(false);
        return await new DeploymentWatch(context, client, DeploymentGoal.Done).RunAsync(change, timeout, name).ConfigureAwait(false);
    }
}
