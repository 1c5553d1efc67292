using System;
using System.Collections.Generic;
using System.Linq;
using NfRuntime.Fleet.Mqtt;
using NfRuntime.Fleet.Protocol;
using NfRuntime.Fleet.Tests.Protocol;
using NfRuntime.Images;
using NfRuntime.Images.Store;

namespace NfRuntime.Fleet.Tests.Memory;

/// <summary>A device that does at once what a desired document asks (PROTOCOL.md §3), without any bytes.</summary>
internal sealed class FakeDevice : IFleetMqttSink
{
    private readonly Topics _topics = new("t");
    private readonly SortedDictionary<string, Places> _capsules = new(StringComparer.Ordinal);
    private uint _refusedDocuments;
    private ulong _refusedGeneration;

    public FakeDevice(IFleetMqtt mqtt, string name, CapabilityDocument? capabilities = null)
    {
        (Name, Capabilities, Mqtt) = (name, capabilities ?? Samples.Capabilities(), mqtt);
        Mqtt.Connect(new FleetWill(_topics.Device(name, TopicKind.Online), new OnlineDocument(false, 1).Write(), true));
    }

    public string Name { get; }

    public CapabilityDocument Capabilities { get; set; }

    public IFleetMqtt Mqtt { get; }

    /// <summary>The connection breaks, and the broker publishes the will.</summary>
    public void Cut() => ((MemoryClient)Mqtt).Cut();

    public ulong Observed { get; set; }

    /// <summary>Every desired document that it acted on.</summary>
    public List<DesiredDocument> Acted { get; } = [];

    /// <summary>What becomes of the next candidate: null: on trial.</summary>
    public (int Reason, int Detail)? Rejects { get; set; }

    /// <summary>Why the next candidate is refused before a byte of it.</summary>
    public (int Reason, string Sentence)? Refuses { get; set; }

    /// <summary>A new candidate stays in FETCHING with this progress.</summary>
    public (ulong Here, ulong Total)? Fetches { get; set; }

    public byte[]? Keys { get; private set; }

    public Digest? Confirmed(string name) => _capsules.GetValueOrDefault(name)?.Confirmed;

    public void Step() => Mqtt.Poll(this, int.MaxValue);

    public void OnConnected()
    {
        Mqtt.Subscribe(_topics.Device(Name, TopicKind.Desired), 1);
        Mqtt.Subscribe(_topics.Keys, 1);
        Publish(TopicKind.Online, new OnlineDocument(true, BootId).Write());
        Publish(TopicKind.Capabilities, Capabilities.Write());
        Report();
    }

    public void OnDisconnected(string reason)
    {
    }

    public void OnMessage(string topic, ReadOnlySpan<byte> payload, bool isRetained)
    {
        if (topic == _topics.Keys)
        {
            Keys = payload.ToArray();
            return;
        }

        if (payload.IsEmpty)
        {
            return;
        }

        DesiredDocument desired = DesiredDocument.Read(payload);
        if (desired.Generation < Observed)
        {
            (_refusedDocuments, _refusedGeneration) = (_refusedDocuments + 1, desired.Generation);
        }
        else
        {
            Observed = desired.Generation;
            Acted.Add(desired);
            Act(desired);
        }

        Report();
    }

    /// <summary>The health rules are content with what is on trial.</summary>
    public void ConfirmByRules(string name)
    {
        _capsules[name].Confirm();
        Report();
    }

    public void Publish(TopicKind kind, byte[] payload, bool retain = true) => Mqtt.Publish(_topics.Device(Name, kind), payload, 1, retain);

    public void Report() => Publish(TopicKind.State, State().Write());

    /// <summary>It starts again: another boot.</summary>
    public uint BootId { get; set; } = 1;

    public StateDocument State() => Samples.State() with
    {
        BootId = BootId,
        ObservedGeneration = Observed,
        Capsules = [.. _capsules.Select(c => c.Value.Report(c.Key))],
        Refusals = [.. _capsules.Where(c => c.Value.Refused is not null).Select(c => new Refusal(c.Key, c.Value.Refused!.Value.Manifest, c.Value.Refused.Value.Reason, c.Value.Refused.Value.Sentence))],
        RefusedDocuments = new RefusedDocuments(_refusedDocuments, _refusedDocuments == 0 ? 0 : 128, _refusedGeneration),
    };

    private void Act(DesiredDocument desired)
    {
        foreach (string gone in _capsules.Keys.Except(desired.Capsules.Select(c => c.Name)).ToArray())
        {
            _capsules.Remove(gone);
        }

        foreach (DesiredCapsule wanted in desired.Capsules)
        {
            Act(wanted);
        }
    }

    private void Act(DesiredCapsule wanted)
    {
        if (!_capsules.TryGetValue(wanted.Name, out Places? places))
        {
            _capsules.Add(wanted.Name, places = new Places());
        }

        places.Refused = null;
        if (wanted.Manifest == places.Confirmed)
        {
            places.Candidate = null;
        }
        else if (wanted.Manifest == places.Candidate)
        {
            if (wanted.Confirm == DesiredConfirm.Now)
            {
                places.Confirm();
            }
        }
        else if (wanted.Manifest == places.Previous)
        {
            places.GoBack();
        }
        else if (Refuses is { } refusal)
        {
            places.Refused = (wanted.Manifest, refusal.Reason, refusal.Sentence);
        }
        else if (Rejects is { } rejection)
        {
            places.Rejected = new ReportedRejection(wanted.Manifest, rejection.Reason, rejection.Detail);
        }
        else
        {
            (places.Candidate, places.Progress) = (wanted.Manifest, Fetches);
        }
    }

    private sealed class Places
    {
        public Digest? Confirmed { get; private set; }

        public Digest? Candidate { get; set; }

        public Digest? Previous { get; private set; }

        public ReportedRejection? Rejected { get; set; }

        public (ulong Here, ulong Total)? Progress { get; set; }

        public (Digest Manifest, int Reason, string Sentence)? Refused { get; set; }

        public void Confirm() => (Previous, Confirmed, Candidate) = (Confirmed, Candidate, null);

        public void GoBack() => (Confirmed, Previous, Rejected) = (Previous, null, new ReportedRejection(Confirmed!, Reasons.Operator, 0));

        public ReportedCapsule Report(string name)
        {
            var versions = new List<ReportedVersion>();
            Put(VersionPlace.Confirmed, VersionState.Confirmed, Confirmed);
            Put(VersionPlace.Candidate, Progress is null ? VersionState.Trial : VersionState.Fetching, Candidate);
            Put(VersionPlace.Previous, VersionState.Superseded, Previous);
            VersionPlace? serving = Candidate is not null && Progress is null ? VersionPlace.Candidate : Confirmed is not null ? VersionPlace.Confirmed : null;
            return new ReportedCapsule(name, versions, Rejected, Candidate is null ? null : Progress, serving, 1);

            void Put(VersionPlace place, VersionState state, Digest? manifest)
            {
                if (manifest is not null)
                {
                    versions.Add(new ReportedVersion(place, state, 1, manifest, 0, 0, 0, "v-" + manifest.Short));
                }
            }
        }
    }
}
