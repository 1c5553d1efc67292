using System;
using System.Linq;
using NfRuntime.Fleet.Api;
using NfRuntime.Fleet.Data;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Images;
using NfRuntime.Images.Store;
using StoreView = NfRuntime.Fleet.Api.StoreView;

namespace NfRuntime.Fleet.Control;

/// <summary>Devices as the API shows them; text of devices is cleaned.</summary>
internal sealed class DeviceViews(FleetState state)
{
    public DeviceView Of(DeviceRecord device)
    {
        StateDocument? s = device.State;
        return new DeviceView
        {
            Device = device.Name,
            Online = device.Online,
            Target = device.Capabilities is { } cap ? Clean.Text(cap.Target) : null,
            Board = device.Capabilities is { } board ? Clean.Text(board.Board) : null,
            BootId = s?.BootId,
            Uptime = s?.Uptime,
            Generation = device.Generation,
            ObservedGeneration = s?.ObservedGeneration ?? 0,
            LastSeen = device.LastSeen == 0 ? null : Time(device.LastSeen),
            KeyListVersion = s?.KeyListVersion,
            Store = s is null ? null : new StoreView(s.Store.Bytes, s.Store.Used, s.Store.Garbage, s.Store.Free, s.Store.Largest, s.Store.SlotsUsed, s.Store.Slots),
            ArenaBytes = device.Capabilities?.ArenaBytes,
            Received = s is null ? null : new ReceivedView(s.Received.Blocks, s.Received.Bytes, s.Received.Duplicates, s.Received.Bad),
            Capsules = s is null ? [] : [.. s.Capsules.Select(c => Capsule(device, c))],
            Refusals = s is null ? [] : [.. s.Refusals.Select(r => new RefusalView(Clean.Text(r.Name), r.Manifest.ToString(), r.Reason, Sentence(r)))],
            Malformed = device.Malformed == 0 ? null : new MalformedView(device.Malformed, device.MalformedLast),
        };
    }

    public static DateTimeOffset Time(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs);

    public static string Place(VersionPlace place) => place switch
    {
        VersionPlace.Confirmed => "confirmed",
        VersionPlace.Candidate => "candidate",
        _ => "previous",
    };

    public static string Name(VersionState state) => state switch
    {
        VersionState.Fetching => "fetching",
        VersionState.Staged => "staged",
        VersionState.Testing => "testing",
        VersionState.Trial => "trial",
        VersionState.Confirmed => "confirmed",
        VersionState.Rejected => "rejected",
        _ => "superseded",
    };

    /// <summary>Why a device refused a capsule: the reason's clause and what the device says besides.</summary>
    public static string Sentence(Refusal refusal)
    {
        string clause = Reasons.Clause(refusal.Reason, 0);
        string said = Clean.Text(refusal.Sentence).Trim();
        return said.Length == 0 || clause.Contains(said, StringComparison.Ordinal) ? clause : $"{clause}: {said}";
    }

    private CapsuleView Capsule(DeviceRecord device, ReportedCapsule capsule) => new()
    {
        Name = Clean.Text(capsule.Name),
        Versions = [.. capsule.Versions.OrderBy(v => v.Place).Select(v => Version(device, capsule, v))],
        Rejected = capsule.Rejected is { } r ? new RejectionView(r.Manifest.ToString(), state.Manifest(r.Manifest)?.Version, Image(r.Manifest), r.Reason, r.Detail, Reasons.Clause(r.Reason, r.Detail)) : null,
        Progress = Progress(capsule),
        Serving = capsule.Serving is { } serving ? Place(serving) : null,
        Floor = capsule.Floor,
    };

    public static ProgressView? Progress(ReportedCapsule? capsule) => capsule?.Progress is { } progress ? new ProgressView(progress.Here, progress.Total) : null;

    private VersionView Version(DeviceRecord device, ReportedCapsule capsule, ReportedVersion version) => new()
    {
        Place = Place(version.Place),
        State = Name(version.State),
        Version = Clean.Text(version.Version),
        Counter = version.Counter,
        Manifest = version.Manifest.ToString(),
        Image = Image(version.Manifest),
        Reason = version.Reason == Reasons.None ? null : version.Reason,
        Sentence = version.Reason == Reasons.None ? null : Reasons.Clause(version.Reason, 0),
        Strikes = version.Strikes,
        Since = device.Since.TryGetValue(SinceKey(capsule.Name, version.Place), out SinceMark? mark) ? Time(mark.At) : null,
    };

    public static string SinceKey(string capsule, VersionPlace place) => $"{(int)place}/{capsule}";

    private string? Image(Digest manifest) => state.Manifest(manifest) is ManifestRow row ? row.Tag : null;
}
