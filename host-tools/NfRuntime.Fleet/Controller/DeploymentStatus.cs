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

    public DeploymentView Of(DeploymentRow row)
    {
        IReadOnlyList<DeploymentTarget> targets = JsonSerializer.Deserialize(row.Targets, ApiJson.Default.IReadOnlyListDeploymentTarget) ?? [];
        return new DeploymentView(row.Id, row.Action, row.Capsule, row.Version, row.Image, [.. targets.Select(t => Device(row, t))]);
    }

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

        if (device.State is not { } reported || reported.ObservedGeneration < target.Generation)
        {
            return NotObserved(device, target);
        }

        Digest? manifest = Digest.TryParse(target.Manifest, out Digest? parsed) ? parsed : null;
        if (row.Action == Remove || manifest is null)
        {
            bool isGone = device.Capsule(row.Capsule) is null or { Versions.Count: 0 };
            return new DeploymentDeviceView(target.Device, target.Generation, isGone ? "done" : "pending");
        }

        return Version(row, target, device, reported, manifest);
    }

    // A document that the device refuses leaves its generation where it was.
    private static DeploymentDeviceView NotObserved(DeviceRecord device, DeploymentTarget target)
    {
        RefusedDocuments? refused = device.State?.RefusedDocuments;
        return refused is { Count: > 0 } && refused.LastGeneration == target.Generation && device.Generation == target.Generation
            ? new DeploymentDeviceView(target.Device, target.Generation, "refused", Reasons.Clause(refused.LastReason, 0), Reasons.Remedy(refused.LastReason))
            : new DeploymentDeviceView(target.Device, target.Generation, "pending");
    }

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
            return new DeploymentDeviceView(target.Device, target.Generation, isBack ? "done" : Replaced(device, row, manifest) ? "refused" : "pending", isBack ? null : ReplacedSentence(device, row, manifest));
        }

        if (version is not null)
        {
            return Placed(target, capsule!, version);
        }

        if (capsule?.Rejected is { } rejected && rejected.Manifest == manifest)
        {
            return new DeploymentDeviceView(target.Device, target.Generation, "rejected", Reasons.Clause(rejected.Reason, rejected.Detail), Reasons.Remedy(rejected.Reason));
        }

        return Replaced(device, row, manifest)
            ? new DeploymentDeviceView(target.Device, target.Generation, "refused", ReplacedSentence(device, row, manifest))
            : new DeploymentDeviceView(target.Device, target.Generation, "pending");
    }

    private static DeploymentDeviceView Placed(DeploymentTarget target, ReportedCapsule capsule, ReportedVersion version) => version switch
    {
        { State: VersionState.Rejected } => new DeploymentDeviceView(target.Device, target.Generation, "rejected", Reasons.Clause(version.Reason, 0), Reasons.Remedy(version.Reason)),
        { Place: VersionPlace.Previous } => new DeploymentDeviceView(target.Device, target.Generation, "done", "a later version has taken its place"),
        _ => new DeploymentDeviceView(target.Device, target.Generation, DeviceViews.Name(version.State), Progress: version.State == VersionState.Fetching ? DeviceViews.Progress(capsule) : null),
    };

    private static bool Replaced(DeviceRecord device, DeploymentRow row, Digest manifest) => device.Wanted(row.Capsule)?.Manifest != manifest;

    private static string? ReplacedSentence(DeviceRecord device, DeploymentRow row, Digest manifest) =>
        Replaced(device, row, manifest) ? "a later deployment has taken its place" : null;
}
