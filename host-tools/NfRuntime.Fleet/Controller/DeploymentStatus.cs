using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using NfRuntime.Fleet.Api;
using NfRuntime.Fleet.Data;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Images;
using NfRuntime.Images.Store;

namespace NfRuntime.Fleet.Control;

/// <summary>How far the devices of a deployment are, from what they report.</summary>
internal sealed class DeploymentStatus(FleetState state)
{
    public const string Deploy = "deploy";
    public const string Confirm = "confirm";
    public const string RollBack = "rollback";
    public const string Remove = "remove";

    public DeploymentView Of(DeploymentRow row) => new(row.Id, row.Action, row.Capsule, row.Version, row.Image, [.. Targets(row).Select(t => Device(row, t))]);

    /// <summary>A device's part in it, or null.</summary>
    public DeploymentDeviceView? Of(DeploymentRow row, string device) => Targets(row).Where(t => t.Device == device).Select(t => Device(row, t)).FirstOrDefault();

    private static IReadOnlyList<DeploymentTarget> Targets(DeploymentRow row) => JsonSerializer.Deserialize(row.Targets, ApiJson.Default.IReadOnlyListDeploymentTarget) ?? [];

    private DeploymentDeviceView Device(DeploymentRow row, DeploymentTarget target)
    {
        if (target.Refused is not null)
        {
            return new DeploymentDeviceView(target.Device, target.Generation, "refused", target.Refused, target.Remedy);
        }

        DeviceRecord? device = state.Find(target.Device);
        if (device is null)
        {
            return new DeploymentDeviceView(target.Device, target.Generation, "refused", "it was retired");
        }

        Digest? manifest = Digest.TryParse(target.Manifest, out Digest? parsed) ? parsed : null;
        if (device.State is not { } reported || reported.ObservedGeneration < target.Generation)
        {
            return NotObserved(device, row, target, manifest);
        }

        if (row.Action == Remove || manifest is null)
        {
            bool isGone = device.Capsule(row.Capsule) is null or { Versions.Count: 0 };
            return isGone ? new DeploymentDeviceView(target.Device, target.Generation, "done") : Open(device, row, target, manifest);
        }

        return Version(row, target, device, reported, manifest);
    }

    // A document that the device refuses leaves its generation where it was.
    private static DeploymentDeviceView NotObserved(DeviceRecord device, DeploymentRow row, DeploymentTarget target, Digest? manifest)
    {
        RefusedDocuments? refused = device.State?.RefusedDocuments;
        return refused is { Count: > 0 } && refused.LastGeneration == target.Generation && device.Generation == target.Generation
            ? new DeploymentDeviceView(target.Device, target.Generation, "refused", Reasons.Clause(refused.LastReason, 0), Reasons.Remedy(refused.LastReason))
            : Open(device, row, target, manifest);
    }

    // Not there yet; or it never will be, since what the device is to have has changed: then whoever wished it need not wait.
    private static DeploymentDeviceView Open(DeviceRecord device, DeploymentRow row, DeploymentTarget target, Digest? manifest) =>
        device.Wanted(row.Capsule)?.Manifest != manifest && device.Generation > target.Generation
            ? new DeploymentDeviceView(target.Device, target.Generation, "superseded", "a later deployment has taken its place", $"capsule why {target.Device} says which one.")
            : new DeploymentDeviceView(target.Device, target.Generation, "pending");

    private static DeploymentDeviceView Version(DeploymentRow row, DeploymentTarget target, DeviceRecord device, StateDocument reported, Digest manifest)
    {
        if (reported.Refusals.FirstOrDefault(r => r.Name == row.Capsule && r.Manifest == manifest) is { } refusal)
        {
            return new DeploymentDeviceView(target.Device, target.Generation, "refused", DeviceViews.Sentence(refusal), Reasons.Remedy(refusal.Reason));
        }

        ReportedCapsule? capsule = device.Capsule(row.Capsule);
        ReportedVersion? version = capsule?.Versions.OrderBy(v => v.Place).FirstOrDefault(v => v.Manifest == manifest);
        if (row.Action == RollBack)
        {
            bool isBack = version is { Place: VersionPlace.Confirmed } && capsule!.In(VersionPlace.Candidate) is null;
            return isBack ? new DeploymentDeviceView(target.Device, target.Generation, "done") : Open(device, row, target, manifest);
        }

        if (version is not null)
        {
            return Placed(target, capsule!, version);
        }

        if (capsule?.Rejected is { } rejected && rejected.Manifest == manifest)
        {
            return new DeploymentDeviceView(target.Device, target.Generation, "rejected", Reasons.Clause(rejected.Reason, rejected.Detail), Reasons.Remedy(rejected.Reason));
        }

        return Open(device, row, target, manifest);
    }

    private static DeploymentDeviceView Placed(DeploymentTarget target, ReportedCapsule capsule, ReportedVersion version) => version switch
    {
        { State: VersionState.Rejected } => new DeploymentDeviceView(target.Device, target.Generation, "rejected", Reasons.Clause(version.Reason, 0), Reasons.Remedy(version.Reason)),
        { Place: VersionPlace.Previous } => new DeploymentDeviceView(target.Device, target.Generation, "done", "a later version has taken its place"),
        _ => new DeploymentDeviceView(target.Device, target.Generation, DeviceViews.Name(version.State), Progress: version.State == VersionState.Fetching ? DeviceViews.Progress(capsule) : null),
    };
}
