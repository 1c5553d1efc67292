using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Threading.Tasks;
using NfRuntime.Cli.Commands.Fleet;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Hosting;
using NfRuntime.Cli.Output;
using NfRuntime.Images.Oci;

namespace NfRuntime.Cli.Commands;

/// <summary>capsule rm: removes tags, and what no tag needs any more; with --on capsules from devices.</summary>
internal sealed class RmCommand : ToolCommand
{
    private readonly Argument<string[]> _images = new("IMAGE") { Description = "A tag, or a digest for the image with all its tags. With --on: a capsule's name.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string[]> _on = new("--on") { Description = "Remove capsules from these devices, and leave the local store alone.", HelpName = "DEVICE", AllowMultipleArgumentsPerToken = true };
    private readonly WaitOptions _timeout = new();
    private readonly FleetOptions _fleet = new();
    private readonly Option<bool> _json = JsonOption();

    public RmCommand(ToolEnvironment environment)
        : base(environment, "rm", "Removes images from the local store, or capsules from devices.", "capsule rm fashion:1", "capsule rm 9b1f0c22a7e4", "capsule rm keywords --on gateway-07")
    {
        Add(_images);
        Add(_on);
        _timeout.AddTo(this);
        _fleet.AddTo(this);
        Add(_json);
    }

    protected override Task<int> RunAsync(CommandContext context) =>
        context.Value(_on).Length > 0 ? RemoveFromDevicesAsync(context) : Task.FromResult(RemoveImages(context));

    private async Task<int> RemoveFromDevicesAsync(CommandContext context)
    {
        TimeSpan timeout = _timeout.Read(context);
        using FleetClient client = _fleet.Connect(context);
        int worst = ExitCode.Success;
        foreach (string capsule in context.Value(_images))
        {
            string name = CapsuleName.Parse(capsule).Name;
            FleetDeployment change = await client.ChangeAsync("remove", name, context.Value(_on), context.Cancellation).ConfigureAwait(false);
            worst = Math.Max(worst, await new DeploymentWatch(context, client, DeploymentGoal.Done).RunAsync(change, timeout, name).ConfigureAwait(false));
        }

        return worst;
    }

    private int RemoveImages(CommandContext context)
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
        return ExitCode.Success;
    }
}
