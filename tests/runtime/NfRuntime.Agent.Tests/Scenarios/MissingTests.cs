using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using NfRuntime.Agent.Protocol;
using NfRuntime.Agent.Pull;
using NfRuntime.Simulation.Capsules;
using NfRuntime.Simulation.World;
using Xunit;

namespace NfRuntime.Agent.Tests.Scenarios;

/// <summary>What nobody serves is said to be missing, holds up nothing else, and is taken when it is served after all.</summary>
public class MissingTests
{
    private static readonly TinyCapsule _one = Scenario.Capsule(1, 1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Others_go_on_meanwhile(bool hasManifest)
    {
        TinyCapsule lacking = Scenario.Capsule(1, 2, name: "acme/a");
        TinyCapsule also = Scenario.Capsule(1, 3, name: "acme/b");
        using Scenario scenario = new();
        if (hasManifest)
        {
            scenario.Fleet.Publish(lacking.Digest, lacking.Manifest);
        }

        scenario.Fleet.Start();
        WantUnpublished(scenario, lacking);
        WantUnpublished(scenario, also);
        scenario.Want(_one);
        scenario.Until(() => scenario.IsConfirmed(_one), "the third one is confirmed", 6 * Scenario.Minute);
        Assert.Equal([("acme/a", AgentReason.Missing), ("acme/b", AgentReason.Missing)], Refusals(scenario).Select(r => (r.Name, r.Reason)).Order());
        string sentence = Refusals(scenario).Single(r => r.Name == "acme/a").Sentence;
        Assert.Equal(hasManifest ? $"nobody serves it: {lacking.Manifest.Length} of {Total(lacking)} bytes are here" : "nobody serves its manifest", sentence);

        scenario.Fleet.Publish(lacking);
        scenario.Until(() => scenario.Device.Record("acme/a")?.Candidate.State == Lifecycle.LifecycleNumbers.StateTrial, "it comes after all", 6 * Scenario.Minute);
        scenario.Fleet.Publish(also);
        scenario.Until(() => scenario.Device.Record("acme/b")?.Candidate.State == Lifecycle.LifecycleNumbers.StateTrial, "and so does the other", 6 * Scenario.Minute);
        scenario.Fleet.Run(1000);
        Assert.Empty(Refusals(scenario));
    }

    [Fact]
    public void Alone_it_goes_on_asking()
    {
        using Scenario scenario = new();
        scenario.Fleet.Start();
        scenario.Fleet.Controller.Want("device-0", _one.Name, new Wish(_one, 0, DesiredCapsule.ConfirmNow, 0, Wish.QuickRules));
        scenario.Fleet.Run(10 * Scenario.Minute);
        Assert.Equal([AgentReason.Missing], Refusals(scenario).Select(r => r.Reason));
        Assert.Single(scenario.Log, s => s.Contains("nobody serves", StringComparison.Ordinal));
        scenario.Fleet.Publish(_one);
        scenario.Until(() => scenario.IsConfirmed(_one), "within a stall and the pull", 2 * Scenario.Minute);
    }

    [Fact]
    public void A_part_of_it_that_came_does_not_hide_that_nobody_serves_the_rest()
    {
        TinyCapsule large = Scenario.Capsule(1, 5, padding: 40_000);
        using Scenario scenario = new();
        scenario.Fleet.Publish(large.Digest, large.Manifest);
        scenario.Fleet.Publish(SHA256.HashData(large.Model), large.Model);
        scenario.Fleet.Start();
        scenario.Fleet.Controller.Want("device-0", large.Name, new Wish(large, 0, DesiredCapsule.ConfirmNow, 0, Wish.QuickRules));
        Assert.True(scenario.Fleet.RunUntil(() => scenario.Device.Agent.Report.Blocks >= 4, Scenario.Minute, 1));
        scenario.Fleet.Distributors[0].Die();
        scenario.Fleet.Run(3 * Scenario.Minute);
        for (int second = 0; second < 300; second++)
        {
            scenario.Fleet.Run(1000);
            Assert.Equal([AgentReason.Missing], Refusals(scenario).Select(r => r.Reason));
        }

        Assert.Single(scenario.Log, s => s.Contains("nobody serves", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_registry_that_was_away_is_asked_again(bool isSlow)
    {
        using Scenario scenario = new();
        Registry registry = new(_one.Blobs(), scenario, isSlow);
        scenario.Device.Ranges = registry;
        scenario.Fleet.Controller.Registry = "https://registry.example/v2/acme/eye";
        scenario.Fleet.Start();
        scenario.Fleet.Controller.Want("device-0", _one.Name, new Wish(_one, 0, DesiredCapsule.ConfirmByHand, 0, Wish.QuickRules));
        scenario.Fleet.Run(5 * Scenario.Minute);
        Assert.Equal([AgentReason.Missing], Refusals(scenario).Select(r => r.Reason));
        Assert.InRange(registry.Asked, 3, 9);

        registry.IsAway = false;
        scenario.Until(() => scenario.Device.Record(_one.Name)?.Candidate.State == Lifecycle.LifecycleNumbers.StateTrial, "the registry has all of it", 20 * Scenario.Minute);
        scenario.Fleet.Run(1000);
        Assert.Empty(Refusals(scenario));
        Assert.Equal(0, scenario.Device.Agent.Report.Blocks);
    }

    [Fact]
    public void A_registry_is_not_asked_for_deltas_and_one_blob_that_it_lacks_is_no_reason_to_avoid_it()
    {
        TinyCapsule two = Scenario.Capsule(1, 2);
        TinyCapsule other = Scenario.Capsule(1, 3, name: "acme/other");
        using Scenario scenario = Scenario.With(_one);
        Registry registry = new([.. two.Blobs().Where(b => !b.Digest.AsSpan().SequenceEqual(SHA256.HashData(two.Model))), .. other.Blobs()], scenario, isSlow: false) { IsAway = false };
        byte[] delta = SHA256.HashData("delta"u8);
        scenario.Device.Ranges = registry;
        scenario.Device.Reset(1);
        scenario.Fleet.Controller.Registry = "https://registry.example/v2/acme/eye";
        scenario.Fleet.Controller.Deltas[Convert.ToHexString(two.Digest)] = [(SHA256.HashData(_one.Model), SHA256.HashData(two.Model), delta, 90)];
        scenario.Fleet.Publish(SHA256.HashData(two.Model), two.Model);
        WantUnpublished(scenario, two);
        WantUnpublished(scenario, other);
        scenario.Until(() => scenario.Device.Record(other.Name)?.Candidate.State == Lifecycle.LifecycleNumbers.StateTrial, "the other one came from the registry", 6 * Scenario.Minute);
        Assert.DoesNotContain(registry.Urls, url => url.EndsWith(Convert.ToHexStringLower(delta), StringComparison.Ordinal));
    }

    [Fact]
    public void A_delta_that_nobody_serves_is_no_loss()
    {
        TinyCapsule two = Scenario.Capsule(1, 2);
        using Scenario scenario = Scenario.With(_one);
        scenario.Fleet.Controller.Deltas[Convert.ToHexString(two.Digest)] = [(SHA256.HashData(_one.Model), SHA256.HashData(two.Model), SHA256.HashData("delta"u8), 90)];
        scenario.Want(two);
        scenario.Until(() => scenario.IsConfirmed(two), "the section came whole", 3 * Scenario.Minute);
    }

    /// <summary>Is away at first: says so at once, or lets a device wait.</summary>
    private sealed class Registry(IEnumerable<(byte[] Digest, byte[] Bytes)> blobs, Scenario scenario, bool isSlow) : IRangeSource
    {
        private readonly Dictionary<string, byte[]> _blobs = blobs.ToDictionary(b => Convert.ToHexStringLower(b.Digest), b => b.Bytes);
        private byte[] _rest = [];
        private long _failsAt = -1;

        public bool IsAway { get; set; } = true;

        public int Asked { get; private set; }

        public List<string> Urls { get; } = [];

        public bool Begin(string url, int offset, int count)
        {
            Asked++;
            Urls.Add(url);
            byte[]? blob = IsAway ? null : _blobs.GetValueOrDefault(url[(url.LastIndexOf(':') + 1)..]);
            _failsAt = blob is null ? scenario.Fleet.Time.Now + (isSlow ? 20_000 : 10) : -1;
            _rest = blob?[offset..(offset + count)] ?? [];
            return true;
        }

        public int Poll(byte[] buffer, int at, int count)
        {
            if (_failsAt >= 0)
            {
                return scenario.Fleet.Time.Now >= _failsAt ? -1 : 0;
            }

            int part = Math.Min(count, _rest.Length);
            Array.Copy(_rest, 0, buffer, at, part);
            _rest = _rest[part..];
            return part;
        }

        public void GiveUp() => _rest = [];
    }

    private static int Total(TinyCapsule capsule) => capsule.Manifest.Length + capsule.Model.Length + capsule.Vectors.Length;

    private static void WantUnpublished(Scenario scenario, TinyCapsule capsule) =>
        scenario.Fleet.Controller.Want("device-0", capsule.Name, new Wish(capsule, 0, DesiredCapsule.ConfirmByHand, 0, Wish.QuickRules));

    private static List<(string Name, int Reason, string Sentence)> Refusals(Scenario scenario) => new StateReader(scenario.Fleet.Broker.Retained("nfr/acme/d/device-0/state")!).Refusals;
}
