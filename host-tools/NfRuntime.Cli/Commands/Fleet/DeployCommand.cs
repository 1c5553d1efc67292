using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Hosting;

namespace NfRuntime.Cli.Commands.Fleet;

/// <summary>capsule deploy: an image to devices, and how each of them takes it.</summary>
internal sealed class DeployCommand : FleetCommand
{
    private readonly Argument<string> _image = new("IMAGE") { Description = "An image of the controller's store; the playground's is this user's." };
    private readonly TargetOptions _targets = new();
    private readonly Option<bool> _shadow = new("--shadow") { Description = "Serve the confirmed version and only compare the new one's answers." };
    private readonly Option<string> _confirm = new("--confirm") { Description = "manual: capsule confirm ends the trial; auto: the devices' health rules do.", DefaultValueFactory = _ => "manual", HelpName = "auto|manual" };
    private readonly Option<bool> _retry = new("--retry") { Description = "Let devices that rejected this version try it again." };
    private readonly Option<bool> _wait = new("--wait") { Description = "Wait until it is confirmed; without, until it is on trial." };
    private readonly WaitOptions _timeout = new();

    public DeployCommand(ToolEnvironment environment)
        : base(
            environment,
            "deploy",
            "Brings an image to devices and shows how each of them takes it. Exit code 1 when one did not.",
            "capsule deploy fashion:2 --all",
            "capsule deploy fashion:2 --to gateway-01 gateway-02 --confirm auto --wait",
            "capsule deploy fashion:3 --all --shadow --json")
    {
        _confirm.AcceptOnlyFromAmong("auto", "manual");
        Add(_image);
        _targets.AddTo(this);
        Add(_shadow);
        Add(_confirm);
        Add(_retry);
        Add(_wait);
        _timeout.AddTo(this);
        AddFleetOptions();
    }

    protected override async Task<int> RunAsync(CommandContext context, FleetClient client)
    {
        IReadOnlyList<string>? to = _targets.Read(context, required: true);
        TimeSpan timeout = _timeout.Read(context);
        FleetDeployment deployment = await client.DeployAsync(
            new DeploymentRequest
            {
                Image = context.Value(_image),
                To = to,
                All = to is null ? true : null,
                Shadow = context.Value(_shadow),
                Confirm = context.Value(_confirm),
                Retry = context.Value(_retry),
            },
            context.Cancellation).ConfigureAwait(false);
        return await new DeploymentWatch(context, client, context.Value(_wait) ? DeploymentGoal.Confirmed : DeploymentGoal.Trial)
            .RunAsync(deployment, timeout, context.Value(_image)).ConfigureAwait(false);
    }
}

/// <summary>--timeout: how long to wait for devices.</summary>
internal sealed class WaitOptions
{
    private const int MaxSeconds = 86_400;
    private readonly Option<int> _timeout = new("--timeout") { Description = "How long to wait for the devices, in seconds; 0: not at all.", DefaultValueFactory = _ => 120, HelpName = "S" };

    public void AddTo(Command command) => command.Add(_timeout);

    /// <exception cref="ToolException">Out of range.</exception>
    public TimeSpan Read(CommandContext context) => context.Value(_timeout) is >= 0 and <= MaxSeconds and int seconds
        ? TimeSpan.FromSeconds(seconds)
        : throw new ToolException(ErrorCodes.OptionValue, $"--timeout: {context.Value(_timeout)} is no time to wait.", $"0 … {MaxSeconds} seconds.");
}
