using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using NfRuntime.Fleet.Api;
using NfRuntime.Fleet.Data;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Images;
using NfRuntime.Images.Capsule;
using NfRuntime.Images.Store;

namespace NfRuntime.Fleet.Control;

/// <summary>An operator's wishes: each becomes desired documents, one generation more a device, in one step of the database.</summary>
internal sealed class Operations(FleetState state, ImageCatalog images, DeltaMaker deltas, DeploymentStatus status, Action<string> log)
{
    private const int MaxNamed = 10_000;
    private IReadOnlyList<Digest> _forgotten = [];

    /// <summary>Reads the image; it needs no lock.</summary>
    /// <exception cref="FleetException">The request is wrong, or the image is not there or cannot be trusted.</exception>
    public PreparedDeployment Prepare(DeploymentRequest request)
    {
        DesiredConfirm confirm = request.Confirm switch
        {
            null or "auto" => DesiredConfirm.ByRules,
            "manual" => DesiredConfirm.ByHand,
            _ => throw FleetException.Wrong("confirm is \"auto\" or \"manual\""),
        };
        CheckTargets(request.To, request.All);
        return new PreparedDeployment(request, confirm, Rules(request.Rules), images.Find(request.Image), new DeltaPlan(state, deltas));
    }

    /// <summary>Works out which deltas its devices could do with.</summary>
    /// <exception cref="FleetException">It names no device, or one that is not there.</exception>
    public void Foresee(PreparedDeployment prepared)
    {
        foreach (DeviceRecord device in Targets(prepared.Request.To, prepared.Request.All))
        {
            if (device.Capabilities is { TakesDeltas: true } able && prepared.Image.ByTarget.TryGetValue(able.Target, out DeployableVariant? variant))
            {
                prepared.Deltas.Want(variant.Row, variant.Manifest, Held(device, prepared.Image.Name));
            }
        }
    }

    /// <summary>Makes those deltas; it needs no lock.</summary>
    public void MakeDeltas(PreparedDeployment prepared) => deltas.Make(prepared.Deltas);

    /// <exception cref="FleetException">It names no device, or one that is not there.</exception>
    public DeploymentView Deploy(PreparedDeployment prepared)
    {
        DeployableImage image = prepared.Image;
        DeploymentRequest request = prepared.Request;
        IReadOnlyList<DeviceRecord> devices = Targets(request.To, request.All);
        foreach (DeployableVariant variant in image.ByTarget.Values)
        {
            state.Remember(variant.Row);
        }

        foreach (((Digest from, Digest to), DeltaRow delta) in prepared.Deltas.Known)
        {
            state.Database.SaveDelta(from, to, delta);
        }

        return Carry(DeploymentStatus.Deploy, image.Name, image.Version, image.Digest, devices, device =>
        {
            if (Obstacle(device, image) is { } obstacle)
            {
                return Plan.Refuse(obstacle.Sentence, obstacle.Remedy);
            }

            DeployableVariant variant = image.ByTarget[device.Capabilities!.Target];
            var entry = new DesiredCapsule(
                image.Name, variant.Row.Digest, variant.Row.Content.Length, request.Shadow ? DesiredMode.Shadow : DesiredMode.Serve, prepared.Confirm,
                request.Retry ? device.NextGeneration : 0, prepared.Rules, device.Capabilities.TakesDeltas ? prepared.Deltas.For(variant.Row, Held(device, image.Name)) : []);
            return Plan.Have(entry);
        });
    }

    /// <exception cref="FleetException">No such device, or none of them has a candidate to be confirmed (8005).</exception>
    public DeploymentView Confirm(string capsule, CapsuleRequest request) => Change(DeploymentStatus.Confirm, capsule, request, device =>
    {
        DesiredCapsule? wanted = device.Wanted(capsule);
        ReportedCapsule? reported = device.Capsule(capsule);
        ReportedVersion? version = reported?.Versions.OrderBy(v => v.Place).FirstOrDefault(v => v.Manifest == wanted?.Manifest);
        return version switch
        {
            { Place: VersionPlace.Candidate } => Plan.Have(wanted! with { Confirm = DesiredConfirm.Now }),
            { Place: VersionPlace.Confirmed } => Plan.Refuse($"{capsule} {Clean.Text(version.Version)} is confirmed already"),
            _ => Plan.Refuse($"it has no version of {capsule} that could be confirmed"),
        };
    });

    /// <exception cref="FleetException">No such device, or none of them has a version to go back to (8005).</exception>
    public DeploymentView RollBack(string capsule, CapsuleRequest request) => Change(DeploymentStatus.RollBack, capsule, request, device =>
    {
        ReportedCapsule? reported = device.Capsule(capsule);
        ReportedVersion? back = reported?.In(VersionPlace.Candidate) is not null ? reported.In(VersionPlace.Confirmed) : reported?.In(VersionPlace.Previous);
        if (back is null)
        {
            return Plan.Refuse($"it has no version of {capsule} to go back to");
        }

        return state.Manifest(back.Manifest) is { } row
            ? Plan.Have(new DesiredCapsule(capsule, back.Manifest, row.Content.Length, DesiredMode.Serve, DesiredConfirm.ByHand, 0, null, []))
            : Plan.Refuse($"the controller does not know {capsule} {Clean.Text(back.Version)}, to which it would go back", "Deploy that version: what the device has is not fetched again.");
    });

    /// <exception cref="FleetException">No such device, or none of them has it (8005).</exception>
    public DeploymentView Remove(string capsule, CapsuleRequest request) => Change(DeploymentStatus.Remove, capsule, request, device =>
        device.Wanted(capsule) is null && device.Capsule(capsule) is null ? Plan.Refuse($"it has no {capsule}") : Plan.Without);

    /// <summary>
    /// Deletes the deltas that the last operation forgot; to be called when its step is stored. A file that cannot be deleted is left and logged:
    /// the operation was carried out.
    /// </summary>
    public void DeleteForgotten()
    {
        List<string> failures = [.. _forgotten.Select(deltas.TryDelete).OfType<string>()];
        _forgotten = [];
        if (failures.Count > 0)
        {
            log($"{failures.Count} deltas that nothing needs any more cannot be deleted: {failures[0]}");
        }
    }

    /// <summary>The last operation was taken back: the deltas stay.</summary>
    public void KeepForgotten() => _forgotten = [];

    private static DesiredRules? Rules(RulesRequest? rules)
    {
        if (rules is null)
        {
            return null;
        }

        uint?[] all = [rules.Inferences, rules.Seconds, rules.ErrorsPerStrike, rules.ShadowPermille, rules.SilenceSeconds];
        return all.All(v => v is null or <= int.MaxValue) && rules.ErrorsPerStrike != 0 && rules.ShadowPermille is null or <= 1000
            ? new DesiredRules(rules.Inferences, rules.Seconds, rules.ErrorsPerStrike, rules.ShadowPermille, rules.SilenceSeconds)
            : throw FleetException.Wrong("a rule is out of its range: errorsPerStrike from 1, shadowPermille to 1,000, all below 2^31");
    }

    private DeploymentView Change(string action, string capsule, CapsuleRequest request, Func<DeviceRecord, Plan> plan)
    {
        if (!ManifestText.IsName(capsule))
        {
            throw FleetException.Wrong("that is no name of a capsule");
        }

        IReadOnlyList<DeviceRecord> devices = Targets(request.To, request.All);
        bool isForAll = request.To is null;
        List<(DeviceRecord Device, Plan Plan)> plans = [.. devices.Select(d => (d, plan(d)))];
        if (plans.TrueForAll(p => p.Plan.Refused is not null))
        {
            throw new FleetException(8005, 409, plans.Count == 1 ? $"{plans[0].Device.Name}: {plans[0].Plan.Refused}" : $"of {plans.Count} devices none has anything of {capsule} to {action}", plans.FirstOrDefault().Plan?.Remedy);
        }

        var chosen = plans.Where(p => !isForAll || p.Plan.Refused is null).ToDictionary(p => p.Device, p => p.Plan);
        return Carry(action, capsule, null, null, [.. chosen.Keys], d => chosen[d]);
    }

    private static void CheckTargets(IReadOnlyList<string>? to, bool? all)
    {
        if ((to is null) != (all == true) || to is { Count: 0 or > MaxNamed })
        {
            throw FleetException.Wrong("name devices in \"to\", or say \"all\": true");
        }
    }

    private IReadOnlyList<DeviceRecord> Targets(IReadOnlyList<string>? to, bool? all)
    {
        CheckTargets(to, all);
        IReadOnlyList<DeviceRecord> devices = to is null ? [.. state.Devices] : [.. to.Distinct(StringComparer.Ordinal).Select(state.Device)];
        return devices.Count > 0 ? devices : throw new FleetException(8004, 404, "there are no devices yet", "capsule device enroll adds one.");
    }

    private static (string Sentence, string? Remedy)? Obstacle(DeviceRecord device, DeployableImage image)
    {
        if (device.Capabilities is not { } capabilities)
        {
            return ("it has never reported what it can do", "Switch it on, and deploy again when capsule devices shows its target.");
        }

        if (!image.ByTarget.TryGetValue(capabilities.Target, out DeployableVariant? variant))
        {
            return ($"the image has no variant for its target {Clean.Text(capabilities.Target)}", "Build the image for that target too.");
        }

        if (FitCheck.Deficits(variant.Manifest, capabilities) is { Count: > 0 } deficits)
        {
            return ("it does not fit: " + string.Join("; ", deficits), "Build it smaller, or for this device's firmware.");
        }

        bool isFull = device.Wanted(image.Name) is null && device.Desired?.Capsules.Count >= DesiredDocument.MaxCapsules;
        return isFull ? ($"it has {DesiredDocument.MaxCapsules} capsules already", "Remove one of them first.") : null;
    }

    // A desired document names the whole set: capsules that the device has and this controller does not know would be removed by it.
    private static Plan? Barred(DeviceRecord device, string capsule)
    {
        if (device.NextGeneration > DeviceRecord.MaxGeneration)
        {
            return Plan.Refuse("it reports a generation after which there is none", "Retire the device and enroll it again.");
        }

        string[] strangers = device.Desired is not null || device.State is null ? [] : [.. device.State.Capsules.Where(c => c.Name != capsule && c.Versions.Count > 0).Select(c => Clean.Text(c.Name))];
        return strangers.Length == 0 ? null : Plan.Refuse($"it has capsules that this controller does not know and would remove: {string.Join(", ", strangers)}", "Restore the controller's database, or erase the device.");
    }

    private static Digest[] Held(DeviceRecord device, string capsule) =>
        [.. device.Capsule(capsule)?.Versions.Where(v => v.State is not VersionState.Fetching).OrderBy(v => v.Place).Select(v => v.Manifest) ?? []];

    // Everything is worked out before anything is changed: what throws here leaves nothing half done.
    private DeploymentView Carry(string action, string capsule, string? version, string? image, IReadOnlyList<DeviceRecord> devices, Func<DeviceRecord, Plan> planFor)
    {
        List<(DeviceRecord Device, Plan Plan)> plans = [.. devices.Select(d => (d, Barred(d, capsule) ?? planFor(d)))];
        List<(DeviceRecord Device, DesiredDocument Desired)> writes = [.. plans.Where(p => p.Plan.Refused is null).Select(p => (p.Device, Next(p.Device, capsule, p.Plan.Entry)))];
        List<DeploymentTarget> targets = [.. plans.Select(p => new DeploymentTarget(
            p.Device.Name, p.Plan.Refused is null ? p.Device.NextGeneration : p.Device.Generation, p.Plan.Entry?.Manifest.ToString(), p.Plan.Refused, p.Plan.Remedy))];
        string id = "r" + state.Database.NextDeployment().ToString(CultureInfo.InvariantCulture);
        var row = new DeploymentRow(
            id, state.Clock(), action, capsule, version ?? KnownVersion(plans), image ?? KnownImage(plans), JsonSerializer.Serialize(targets, ApiJson.Default.IReadOnlyListDeploymentTarget));
        foreach ((DeviceRecord device, DesiredDocument desired) in writes)
        {
            (device.Desired, device.Generation, device.MustPublish, device.IsDirty) = (desired, desired.Generation, true, true);
        }

        state.Database.Begin();
        state.Database.Save(row);
        if (state.Prune())
        {
            ForgetDeltas();
        }

        DeploymentView view = status.Of(row);
        state.AddEvent(null, "deployment", view, ApiJson.Default.DeploymentView);
        return view;
    }

    // Those to sections that no remembered version has. A device that is about to fetch one of them takes the whole section.
    private void ForgetDeltas()
    {
        HashSet<Digest> sections = [.. state.Manifests.SelectMany(m => ManifestReader.ReadUnverified(m.Content).Sections).Select(s => s.Digest)];
        (Digest Base, Digest Target, Digest? Delta)[] unneeded = [.. state.Database.Deltas().Where(d => !sections.Contains(d.Target))];
        foreach ((Digest from, Digest to, _) in unneeded)
        {
            state.Database.ForgetDelta(from, to);
        }

        _forgotten = [.. unneeded.Select(d => d.Delta).OfType<Digest>()];
    }

    private ManifestRow? Known(List<(DeviceRecord Device, Plan Plan)> plans) =>
        plans.Select(p => p.Plan.Entry).FirstOrDefault(e => e is not null) is { } entry ? state.Manifest(entry.Manifest) : null;

    private string? KnownVersion(List<(DeviceRecord Device, Plan Plan)> plans) => Known(plans)?.Version;

    private string? KnownImage(List<(DeviceRecord Device, Plan Plan)> plans) => Known(plans)?.Image;

    private static DesiredDocument Next(DeviceRecord device, string capsule, DesiredCapsule? entry)
    {
        DesiredCapsule[] others = [.. device.Desired?.Capsules.Where(c => c.Name != capsule) ?? []];
        var desired = new DesiredDocument(device.NextGeneration, entry is null ? others : [.. others, entry]);
        _ = desired.Write(); // it is refused here, if anywhere
        return desired;
    }

    /// <summary>What becomes of one device: an entry, none any more (no entry), or a refusal.</summary>
    private sealed record Plan(DesiredCapsule? Entry, string? Refused, string? Remedy)
    {
        public static Plan Without { get; } = new(null, null, null);

        public static Plan Have(DesiredCapsule entry) => new(entry, null, null);

        public static Plan Refuse(string sentence, string? remedy = null) => new(null, sentence, remedy);
    }
}

/// <summary>A deployment whose image was read.</summary>
internal sealed record PreparedDeployment(DeploymentRequest Request, DesiredConfirm Confirm, DesiredRules? Rules, DeployableImage Image, DeltaPlan Deltas);
