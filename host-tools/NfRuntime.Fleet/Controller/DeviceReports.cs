using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Fleet.Api;
using NfRuntime.Fleet.Data;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Images.Store;

namespace NfRuntime.Fleet.Control;

/// <summary>Takes in what devices say. All of it is untrusted: strictly parsed, limited for each device, counted when it is refused.</summary>
internal sealed class DeviceReports(FleetState state, DeviceViews views, Action<string> log)
{
    private static readonly string[] Levels = ["error", "warning", "info", "detail"];
    private readonly HashSet<DeviceRecord> _waiting = [];

    /// <summary>A message arrived. Of what describes a device the newest is kept until the device's allowance has room.</summary>
    public void Receive(string name, TopicKind kind, ReadOnlySpan<byte> payload, bool isRetained)
    {
        if (payload.IsEmpty || state.FindOrAdd(name) is not { } device)
        {
            return;
        }

        if (kind is TopicKind.Log or TopicKind.Stats)
        {
            if (!isRetained && Allow(device))
            {
                Take(device, kind, payload.ToArray(), isRetained: false);
            }

            return;
        }

        if (payload.Length > CborReader.MaxBytes)
        {
            Refuse(device, $"a document of {payload.Length} bytes");
            return;
        }

        device.Waiting[kind] = (payload.ToArray(), isRetained);
        _waiting.Add(device);
    }

    /// <summary>Takes what waits and is allowed. True: something still waits.</summary>
    public bool TakeWaiting()
    {
        foreach (DeviceRecord device in _waiting.ToArray())
        {
            foreach (TopicKind kind in device.Waiting.Keys.Order().ToArray())
            {
                if (Allow(device) && device.Waiting.Remove(kind, out (byte[] Payload, bool IsRetained) waiting))
                {
                    Take(device, kind, waiting.Payload, waiting.IsRetained);
                }
            }

            if (device.Waiting.Count == 0)
            {
                _waiting.Remove(device);
            }
        }

        return _waiting.Count > 0;
    }

    /// <summary>Forgets what waits of a device.</summary>
    public void Forget(DeviceRecord device) => _waiting.Remove(device);

    /// <summary>A device is on or off line.</summary>
    public void SetOnline(DeviceRecord device, bool online)
    {
        if (device.Online != online)
        {
            (device.Online, device.IsDirty) = (online, true);
            state.AddEvent(device.Name, "online", new OnlineView(device.Name, online, DeviceViews.Time(state.Clock())), ApiJson.Default.OnlineView);
        }
    }

    private bool Allow(DeviceRecord device)
    {
        device.Allowance.Fill(state.Clock(), state.Options.DocumentsPerSecond, 4L * state.Options.DocumentsPerSecond);
        if (!device.Allowance.Has(1))
        {
            return false;
        }

        device.Allowance.Take(1);
        return true;
    }

    private void Take(DeviceRecord device, TopicKind kind, byte[] payload, bool isRetained)
    {
        bool isThere = !isRetained;
        device.Heard.Of(kind, state.Clock());
        try
        {
            switch (kind)
            {
                case TopicKind.Online:
                    var online = OnlineDocument.Read(payload);
                    device.Heard.Boot(online.BootId);
                    SetOnline(device, online.Online);
                    isThere |= online.Online;
                    break;
                case TopicKind.Capabilities:
                    device.Capabilities = CapabilityDocument.Read(payload);
                    break;
                case TopicKind.State:
                    var reported = StateDocument.Read(payload);
                    TakeState(device, reported);
                    device.Heard.StateOf(reported.BootId);
                    break;
                case TopicKind.Log:
                    var entries = LogDocument.Read(payload);
                    device.Heard.Log(entries.BootId, entries.Sequence);
                    TakeLog(device, entries);
                    break;
                case TopicKind.Stats:
                    TakeStats(device, StatsDocument.Read(payload));
                    break;
                default:
                    return;
            }
        }
        catch (ProtocolException e)
        {
            Refuse(device, e.Message);
            return;
        }

        state.Meters.Taken();
        device.LastSeen = isThere ? state.Clock() : device.LastSeen; // what the broker retains may be old
        device.IsDirty = true;
    }

    private void Refuse(DeviceRecord device, string why)
    {
        state.Meters.Refused();
        device.Malformed++;
        device.MalformedLast = Clean.Text(why);
        device.IsDirty = true;
        if (device.Malformed is 1 or 10 or 100 || device.Malformed % 1000 == 0)
        {
            log($"{device.Name}: {device.Malformed} documents refused, the last one: {device.MalformedLast}");
        }
    }

    private void TakeState(DeviceRecord device, StateDocument reported)
    {
        if (reported.ObservedGeneration > DeviceRecord.MaxGeneration)
        {
            throw new ProtocolException(ProtocolError.Document, "a generation beyond 2^63 − 2");
        }

        bool isProgress = device.State is { } last && Essence(last).AsSpan().SequenceEqual(Essence(reported));
        device.State = reported;
        Mark(device, reported);
        CheckGeneration(device, reported);
        foreach (ReportedCapsule capsule in reported.Capsules)
        {
            if (capsule.Progress is { } progress)
            {
                state.AddEvent(device.Name, "progress", new ProgressEventView(device.Name, Clean.Text(capsule.Name), progress.Here, progress.Total), ApiJson.Default.ProgressEventView);
            }
        }

        if (!isProgress)
        {
            state.AddEvent(device.Name, "state", views.Of(device), ApiJson.Default.DeviceView);
        }
    }

    // What makes a state another one than the last: not that time passed and bytes arrived.
    private static byte[] Essence(StateDocument reported) => (reported with
    {
        Uptime = 0,
        KnownTime = 0,
        Store = new StoreUse(0, 0, 0, 0, 0, 0, 0),
        Received = new ReceivedCounts(0, 0, 0, 0),
        Capsules = [.. reported.Capsules.Select(c => c with { Progress = null })],
    }).Write();

    private void CheckGeneration(DeviceRecord device, StateDocument reported)
    {
        if (reported.ObservedGeneration > device.Seen)
        {
            device.Seen = reported.ObservedGeneration;
        }

        if (device.Desired is null || device.MustPublish)
        {
            return;
        }

        long now = state.Clock();
        if (reported.ObservedGeneration > device.Generation)
        {
            device.Generation = device.NextGeneration; // an earlier life of the controller wrote more than this one remembers
            device.Desired = device.Desired with { Generation = device.Generation };
            device.MustPublish = true;
            log($"{device.Name} reports generation {reported.ObservedGeneration}; going on with {device.Generation}");
        }
        else if (reported.ObservedGeneration < device.Generation && now - device.PublishedAt >= state.Options.RepublishMs)
        {
            device.MustPublish = true;
        }
    }

    private void Mark(DeviceRecord device, StateDocument reported)
    {
        var keys = new HashSet<string>();
        foreach (ReportedCapsule capsule in reported.Capsules)
        {
            foreach (ReportedVersion version in capsule.Versions)
            {
                string key = DeviceViews.SinceKey(capsule.Name, version.Place);
                keys.Add(key);
                if (!device.Since.TryGetValue(key, out SinceMark? mark) || mark.Manifest != version.Manifest.Hex || mark.State != (int)version.State)
                {
                    device.Since[key] = new SinceMark(version.Manifest.Hex, (int)version.State, state.Clock());
                }
            }
        }

        foreach (string gone in device.Since.Keys.Where(k => !keys.Contains(k)).ToArray())
        {
            device.Since.Remove(gone);
        }
    }

    private void TakeLog(DeviceRecord device, LogDocument document)
    {
        DateTimeOffset at = DeviceViews.Time(state.Clock());
        foreach (LogEntry entry in document.Entries)
        {
            var view = new LogView(device.Name, at, document.BootId, entry.UptimeMs, Levels[entry.Level], entry.Event, Clean.Text(entry.Capsule), Clean.Text(entry.Sentence));
            state.AddEvent(device.Name, "log", view, ApiJson.Default.LogView);
        }
    }

    // A device that renames its capsules all the time has no more rows than one that does not.
    private void ForgetOther(DeviceRecord device)
    {
        foreach (string gone in state.Database.StatsCapsules(device.Name).Where(name => device.Capsule(name) is null))
        {
            state.Database.Begin();
            state.Database.ForgetStats(device.Name, gone);
        }
    }

    private void TakeStats(DeviceRecord device, StatsDocument document)
    {
        ForgetOther(device);
        foreach (CapsuleStats s in document.Capsules.Take(24))
        {
            if (device.Capsule(s.Name) is null)
            {
                continue; // rows are kept of capsules only that the device says it has
            }

            var view = new StatsView(
                device.Name, Clean.Text(s.Name), DeviceViews.Place((VersionPlace)s.Place), s.Inferences, s.Errors, s.MeanUs, s.P95Us, s.MaxUs, s.Strikes, s.BlackoutUs, s.Classes, s.Compared, s.Disagreements);
            state.Database.Begin();
            state.Database.SaveStats(device.Name, s.Name, s.Place, System.Text.Json.JsonSerializer.Serialize(view, ApiJson.Default.StatsView));
        }
    }
}
