using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using NfRuntime.Agent.Lifecycle;
using NfRuntime.Agent.Protocol;
using NfRuntime.Native;
using NfRuntime.Simulation.Capsules;
using NfRuntime.Simulation.World;

namespace NfRuntime.Simulation.Histories;

/// <summary>What became of a wish, by what the store and the device's state document say.</summary>
internal static class Verdict
{
    public const string Confirmed = "confirmed";
    public const string OnTrial = "on trial";

    /// <summary>Empty: it is still under way.</summary>
    public static string Of(SimulatedDevice device, string name, Wish wish, MemoryBroker broker)
    {
        NameRecord? record = device.Record(name);
        byte[] digest = wish.Capsule.Digest;
        if (record is not null && record.Confirmed.State != 0 && record.Confirmed.Manifest.SequenceEqual(digest))
        {
            return record.Candidate.State == 0 ? Confirmed : string.Empty;
        }

        int reason = Reason(device, name, digest, broker);
        bool isIts = record is not null && record.Candidate.State != 0 && record.Candidate.Manifest.SequenceEqual(digest);
        bool isWaitedFor = isIts && record!.Candidate.State == LifecycleNumbers.StateFetching && reason == AgentReason.Missing;
        if (record is not null && record.Candidate.State != 0 && !isWaitedFor)
        {
            return isIts && record.Candidate.State == LifecycleNumbers.StateTrial && (wish.Confirm == 0 || HasNothingToCompare(device, name, wish, record)) ? OnTrial : string.Empty;
        }

        bool isTriedAgain = Explanation.IsChance(reason) && !Explanation.Holds(wish.Capsule, reason, 0);
        return reason == 0 || isTriedAgain ? string.Empty : "reason " + reason.ToString(CultureInfo.InvariantCulture) + ": " + ReasonText.Of(reason);
    }

    /// <summary>What the device states for not having a capsule; 0: nothing.</summary>
    public static int Reason(SimulatedDevice device, string name, byte[] digest, MemoryBroker broker)
    {
        int refusal = Refusal(device, name, digest, broker);
        return refusal != 0 ? refusal : device.Record(name) is { } record && record.RejectedManifest.SequenceEqual(digest) ? record.RejectedReason : 0;
    }

    // A shadow's answers are compared with those of the version that serves. When that one has been confirmed by hand and fails at each sample,
    // there are none: silence is inconclusive, the trial goes on, and the device says of each sample why it has no answer.
    private static bool HasNothingToCompare(SimulatedDevice device, string name, Wish wish, NameRecord record) =>
        wish.Mode == DesiredCapsule.Shadow && device.Known.Values.Any(c => c.Name == name && c.Flaw == Flaw.FailsInTrial && record.Confirmed.Manifest.SequenceEqual(c.Digest));

    public static string Describe(SimulatedDevice device)
    {
        if (!device.IsOn)
        {
            return "no power";
        }

        List<string> parts = [$"generation {device.Store.Generation}, connected {device.Agent.IsConnected}, at rest {device.Agent.IsAtRest}, fault {device.Agent.Fault}, keys {device.Store.KeyListVersion}"];
        NameRecord record = new();
        for (int slot = device.Store.NextName(0, record); slot > 0; slot = device.Store.NextName(slot, record))
        {
            parts.Add($"{record.Name}: confirmed {Place(record.Confirmed)}, candidate {Place(record.Candidate)}, previous {Place(record.Previous)}, rejected {Short(record.RejectedManifest)} for {record.RejectedReason}, failures {record.Failures}");
        }

        return string.Join("; ", parts);
    }

    private static string Short(byte[] digest) => System.Convert.ToHexStringLower(digest)[..8];

    private static string Place(VersionRecord version) =>
        version.State == 0 ? "-" : $"{Short(version.Manifest)} state {version.State} counter {version.Counter} strikes {version.Strikes} complete {version.IsComplete}";

    // Of the present generation only.
    private static int Refusal(SimulatedDevice device, string name, byte[] digest, MemoryBroker broker)
    {
        byte[]? state = broker.Retained($"nfr/{SimulatedFleet.Tenant}/d/{device.Name}/state");
        CborReader reader = new();
        if (state is null || !reader.Open(state, state.Length))
        {
            return 0;
        }

        int found = 0;
        int pairs = reader.Map();
        for (int i = 0; i < pairs; i++)
        {
            ulong key = reader.Unsigned(0, ulong.MaxValue);
            if (key == 1 && reader.Unsigned(0, ulong.MaxValue) != (ulong)device.Store.Generation)
            {
                return 0;
            }

            if (key == 8)
            {
                found = Refusal(reader, name, digest);
            }
            else if (key != 1)
            {
                reader.Skip();
            }
        }

        return found;
    }

    private static int Refusal(CborReader reader, string name, byte[] digest)
    {
        int found = 0;
        int count = reader.List(8);
        byte[] manifest = new byte[32];
        for (int i = 0; i < count; i++)
        {
            reader.List(4);
            string refused = reader.Text(1, 64);
            reader.Bytes(manifest);
            int reason = reader.Number(1, 255);
            reader.Skip();
            found = refused == name && manifest.SequenceEqual(digest) ? reason : found;
        }

        return found;
    }
}
