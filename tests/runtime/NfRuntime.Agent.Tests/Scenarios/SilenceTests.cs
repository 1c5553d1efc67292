using System;
using System.Linq;
using NfRuntime.Agent.Lifecycle;
using NfRuntime.Agent.Protocol;
using NfRuntime.Simulation.Capsules;
using NfRuntime.Simulation.World;
using Xunit;

namespace NfRuntime.Agent.Tests.Scenarios;

/// <summary>A blob that nobody has: the device says so, and what else is wanted goes on.</summary>
public class SilenceTests
{
    private const string Nowhere = "acme/absent"; // before acme/eye in the document

    private static readonly TinyCapsule _one = Scenario.Capsule(1, 1);
    private static readonly TinyCapsule _absent = Scenario.Capsule(1, 40, name: Nowhere);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Others_have_their_turn_and_the_device_says_what_it_lacks(bool isManifestThere)
    {
        using Scenario scenario = new();
        if (isManifestThere)
        {
            scenario.Fleet.Publish(_absent.Digest, _absent.Manifest);
        }

        scenario.Fleet.Start();
        scenario.Fleet.Controller.Want(scenario.Device.Name, Nowhere, new Wish(_absent, 0, 1, 0, Wish.QuickRules));
        scenario.Fleet.Run(10_000);
        scenario.Want(_one);
        scenario.Until(() => scenario.IsConfirmed(_one), "the other one is fetched and confirmed");
        Assert.Contains(scenario.Log, s => s.Contains("nobody serves it", StringComparison.Ordinal));

        scenario.Until(() => new StateReader(scenario.Fleet.Broker.Retained("nfr/acme/d/device-0/state")!).Refusals.Any(r => r.Name == Nowhere && r.Reason == AgentReason.Missing), "it is a refusal with a reason");
        Assert.True(scenario.Device.Record(Nowhere) is null or { RejectedReason: 0 }, "nothing speaks against the version");
    }

    [Fact]
    public void It_is_fetched_when_somebody_has_it_after_all()
    {
        using Scenario scenario = Scenario.With(_one);
        scenario.Fleet.Controller.Want(scenario.Device.Name, Nowhere, new Wish(_absent, 0, 1, 0, Wish.QuickRules));
        scenario.Fleet.Run(30 * Scenario.Minute);
        Assert.NotEqual(LifecycleNumbers.StateConfirmed, scenario.Device.Record(Nowhere)?.Confirmed.State ?? 0);

        scenario.Fleet.Publish(_absent);
        Assert.True(scenario.Fleet.RunUntil(() => scenario.Device.Record(Nowhere)?.Confirmed.State == LifecycleNumbers.StateConfirmed, 8 * Scenario.Minute, 200, Nowhere), "within eight minutes");
    }
}
