using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using NfRuntime.Fleet.Api;
using NfRuntime.Fleet.Data;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Images.Store;

namespace NfRuntime.Fleet.Control;

/// <summary>What happened last on a device, in sentences: API.md, why.</summary>
internal sealed class WhyText(FleetState state, DeploymentStatus status)
{
    public WhyView Of(DeviceRecord device, string? capsule)
    {
        var said = new Said();
        About(device, said);
        LastOperation(device, capsule, said);
        foreach (ReportedCapsule reported in device.State?.Capsules.Where(c => capsule is null || c.Name == capsule) ?? [])
        {
            About(reported, said);
        }

        foreach (Refusal refusal in device.State?.Refusals.Where(r => capsule is null || r.Name == capsule) ?? [])
        {
            said.Say($"{device.Name} refused {state.Called(Clean.Text(refusal.Name), refusal.Manifest)}: {DeviceViews.Sentence(refusal)}.", Reasons.Remedy(refusal.Reason));
        }

        if (capsule is not null && device.State is not null && device.Capsule(capsule) is null && said.IsQuiet)
        {
            said.Say(device.Wanted(capsule) is null ? $"{device.Name} has no capsule {capsule}, and none was deployed to it." : $"{device.Name} has no version of {capsule} yet.");
        }

        if (said.IsEmpty)
        {
            said.Say($"{device.Name} has no capsules, and none were deployed to it.", "capsule deploy IMAGE --to " + device.Name);
        }

        return said.View();
    }

    private void LastOperation(DeviceRecord device, string? capsule, Said said)
    {
        if (state.Database.NewestDeployment(device.Name, capsule) is not { } row || status.Of(row, device.Name) is not { } part)
        {
            return;
        }

        string what = row.Action switch
        {
            DeploymentStatus.Deploy => $"{row.Capsule} {row.Version} was deployed",
            DeploymentStatus.Confirm => $"{row.Capsule} {row.Version} was confirmed by the operator",
            DeploymentStatus.RollBack => $"{row.Capsule} was rolled back to {row.Version} by the operator",
            _ => $"{row.Capsule} was removed by the operator",
        };
        string outcome = part.Sentence is null ? part.State : $"{part.State}, {part.Sentence}";
        said.Say($"{what} at {DeviceViews.Time(row.At):yyyy-MM-dd HH:mm:ss} UTC ({row.Id}): {outcome}.", part.Remedy, isNews: false);
    }

    private static void About(DeviceRecord device, Said said)
    {
        if (device.State is not { } reported)
        {
            said.Say($"{device.Name} has never reported its state.", "Is it switched on, and does it reach the broker?");
            return;
        }

        if (!device.Online)
        {
            string since = device.LastSeen == 0 ? "" : $"; it was last heard at {DeviceViews.Time(device.LastSeen):yyyy-MM-dd HH:mm:ss} UTC";
            said.Say($"{device.Name} is offline{since}.", "Check its supply and its network; what it is to have waits for it.");
        }

        if (reported.ObservedGeneration < device.Generation)
        {
            said.Say($"It has acted on generation {reported.ObservedGeneration}; {device.Generation} is on its way.");
        }

        RefusedDocuments refused = reported.RefusedDocuments;
        if (refused.Count > 0)
        {
            string generation = refused.LastGeneration == 0 ? "" : $" (generation {refused.LastGeneration})";
            said.Say($"It refused {Count(refused.Count, "document")} since it started, the last one{generation} because {Reasons.Clause(refused.LastReason, 0)}.", Reasons.Remedy(refused.LastReason));
        }

        if (device.Malformed > 0)
        {
            said.Say($"{Count(device.Malformed, "document")} of it {(device.Malformed == 1 ? "was" : "were")} refused here; the last one: {device.MalformedLast}.", "Is its firmware of another version, or does somebody else use its credential?");
        }
    }

    private void About(ReportedCapsule capsule, Said said)
    {
        string name = Clean.Text(capsule.Name);
        if (capsule.Serving is { } serving && capsule.In(serving) is { } version)
        {
            said.Say($"{name} {Clean.Text(version.Version)} serves{(serving == VersionPlace.Candidate ? ", on trial" : "")}.", isNews: false);
        }
        else
        {
            said.Say($"No version of {name} serves.", "Deploy one that this device can run.");
        }

        foreach (ReportedVersion placed in capsule.Versions.OrderBy(v => v.Place))
        {
            About(name, capsule, placed, said);
        }

        if (capsule.Rejected is { } rejected)
        {
            string verb = rejected.Reason == Reasons.Operator ? "went" : "was rejected";
            said.Say($"{state.Called(name, rejected.Manifest)} {verb}: {Reasons.Clause(rejected.Reason, rejected.Detail)}.", Reasons.Remedy(rejected.Reason));
        }
    }

    private static void About(string name, ReportedCapsule capsule, ReportedVersion version, Said said)
    {
        string called = $"{name} {Clean.Text(version.Version)}";
        string strikes = version.Strikes == 0 ? "" : $", with {Count(version.Strikes, "strike")} of 3: {Reasons.Clause(version.Reason, 0)}";
        switch (version)
        {
            case { Place: VersionPlace.Candidate, State: VersionState.Fetching } when capsule.Progress is { Here: var here, Total: var total }:
                said.Say(string.Create(CultureInfo.InvariantCulture, $"{called} is being fetched: {here:N0} of {total:N0} bytes are here."));
                break;
            case { Place: VersionPlace.Candidate, State: VersionState.Trial, Strikes: 0 } when capsule.Serving == VersionPlace.Candidate:
                break; // that it serves on trial was said
            case { Place: VersionPlace.Candidate }:
                said.Say($"{called} is {(version.State == VersionState.Trial ? "on trial" : DeviceViews.Name(version.State))}{strikes}.", version.Strikes == 0 ? null : Reasons.Remedy(version.Reason));
                break;
            case { State: VersionState.Rejected }:
                said.Say($"{called} ({DeviceViews.Place(version.Place)}) cannot run: {Reasons.Clause(version.Reason, 0)}.", Reasons.Remedy(version.Reason));
                break;
            default:
                break;
        }
    }

    private static string Count(long count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {what}{(count == 1 ? "" : "s")}");

    /// <summary>Sentences, and the remedy of the last one that has any.</summary>
    private sealed class Said
    {
        private readonly List<string> _sentences = [];
        private string? _remedy;

        public bool IsEmpty => _sentences.Count == 0;

        /// <summary>Nothing but what serves was said.</summary>
        public bool IsQuiet { get; private set; } = true;

        public void Say(string sentence, string? remedy = null, bool isNews = true)
        {
            _sentences.Add(sentence);
            _remedy = remedy ?? _remedy;
            IsQuiet &= !isNews;
        }

        public WhyView View() => new([.. _sentences], _remedy);
    }
}
