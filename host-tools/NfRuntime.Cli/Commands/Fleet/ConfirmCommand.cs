using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using System.Threading.Tasks;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Fleet;
using NfRuntime.Cli.Hosting;

namespace NfRuntime.Cli.Commands.Fleet;

/// <summary>capsule confirm: ends a trial well.</summary>
internal sealed class ConfirmCommand : FleetCommand
{
    private readonly Argument<string> _capsule = new("NAME[:TAG]") { Description = "The capsule. With a tag, only if that image is the one on trial." };
    private readonly TargetOptions _targets = new();
    private readonly WaitOptions _timeout = new();

    public ConfirmCommand(ToolEnvironment environment)
        : base(
            environment,
            "confirm",
            "Confirms what is on trial; without --to everywhere. What was confirmed before stays as the version to roll back to.",
            "capsule confirm fashion:2",
            "capsule confirm fashion --to gateway-01")
    {
        Add(_capsule);
        _targets.AddTo(this);
        _timeout.AddTo(this);
        AddFleetOptions();
    }

    protected override async Task<int> RunAsync(CommandContext context, FleetClient client)
    {
        IReadOnlyList<string>? to = _targets.Read(context, required: false);
        TimeSpan timeout = _timeout.Read(context);
        (string name, string? tag) = CapsuleName.Parse(context.Value(_capsule));
        if (tag is not null)
        {
            name = CheckCandidates(await client.DevicesAsync(context.Cancellation).ConfigureAwait(false), name, tag, to);
        }

        FleetDeployment change = await client.ChangeAsync("confirm", name, to, context.Cancellation).ConfigureAwait(false);
        return await new DeploymentWatch(context, client, DeploymentGoal.Confirmed).RunAsync(change, timeout, name).ConfigureAwait(false);
    }

    // Somebody else may have deployed in the meantime: what is confirmed must be what was named. Returns the capsule's name.
    private static string CheckCandidates(IReadOnlyList<FleetDevice> devices, string name, string tag, IReadOnlyList<string>? to)
    {
        string image = $"{name}:{tag}";
        Candidate[] candidates = [.. from device in devices
                                     where to is null || to.Contains(device.Device)
                                     from capsule in device.Capsules
                                     from version in capsule.Versions
                                     where version.Place == "candidate" && version.Image is not null
                                     select new Candidate(device.Device, capsule.Name, version.Image!)];
        string meant = candidates.FirstOrDefault(candidate => candidate.Image == image)?.Capsule ?? name;
        return candidates.FirstOrDefault(candidate => candidate.Capsule == meant && candidate.Image != image) is { } other
            ? throw new ToolException(
                ErrorCodes.FleetConflict,
                $"{other.Device} has {other.Image} as its candidate, not {image}; nothing was confirmed.",
                $"capsule ps shows what is on trial; capsule confirm {meant} confirms whatever it is.")
            : meant;
    }

    private sealed record Candidate(string Device, string Capsule, string Image);
}

/// <summary>NAME, or NAME:TAG.</summary>
internal static class CapsuleName
{
    public static (string Name, string? Tag) Parse(string text)
    {
        int colon = text.LastIndexOf(':');
        return colon > text.LastIndexOf('/') && colon > 0 && colon < text.Length - 1
            ? (text[..colon], (string?)text[(colon + 1)..])
            : text.Length > 0 && colon < 0 ? (text, null)
            : throw new ToolException(ErrorCodes.OptionValue, $"\"{text}\" is no capsule.", "Write NAME or NAME:TAG; capsule ps lists capsules.");
    }
}
