using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using NfRuntime.Agent.Protocol;
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
    public void A_delta_that_nobody_serves_is_no_loss()
    {
        TinyCapsule two = Scenario.Capsule(1, 2);
        using Scenario scenario = Scenario.With(_one);
        scenario.Fleet.Controller.Deltas[Convert.ToHexString(two.Digest)] = [(SHA256.HashData(_one.Model), SHA256.HashData(two.Model), SHA256.HashData("delta"u8), 90)];
        scenario.Want(two);
        scenario.Until(() => scenario.IsConfirmed(two), "the section came whole", 3 * Scenario.Minute);
    }

    private static int Total(TinyCapsule capsule) => capsule.Manifest.Length + capsule.Model.Length + capsule.Vectors.Length;

    private static void WantUnpublished(Scenario scenario, TinyCapsule capsule) =>
        scenario.Fleet.Controller.Want("device-0", capsule.Name, new Wish(capsule, 0, DesiredCapsule.ConfirmByHand, 0, Wish.QuickRules));

    private static List<(string Name, int Reason, string Sentence)> Refusals(Scenario scenario) => new StateReader(scenario.Fleet.Broker.Retained("nfr/acme/d/device-0/state")!).Refusals;
}
