using System;
using NfRuntime.Agent.Lifecycle;
using NfRuntime.Agent.Protocol;
using NfRuntime.Capsules;
using NfRuntime.Simulation.Capsules;
using Xunit;

namespace NfRuntime.Agent.Tests.Scenarios;

/// <summary>What the agent may do to an inference that an application has begun and not yet stepped: nothing.</summary>
public class InferenceTests
{
    private const int Abandoned = 10_000; // milliseconds, after which the agent gives an inference up

    private static readonly TinyCapsule _one = Scenario.Capsule(1, 1);
    private static readonly TinyCapsule _two = Scenario.Capsule(1, 2);

    [Fact]
    public void An_inference_that_was_begun_is_of_the_version_that_it_was_begun_with()
    {
        using Scenario scenario = Scenario.With(_one);
        scenario.Want(_two, confirm: DesiredCapsule.ConfirmNow);
        Soon(scenario, () => scenario.Record.Candidate.State == LifecycleNumbers.StateStaged);
        CapsuleSlot slot = Begun(scenario);
        scenario.Fleet.Run(Abandoned / 2);
        Assert.Equal(_one.Version, slot.Version);
        AssertAnswers(slot);
        scenario.Until(() => scenario.IsConfirmed(_two), "version 2 is confirmed");
    }

    [Fact]
    public void A_capsule_is_not_removed_under_an_inference()
    {
        using Scenario scenario = Scenario.With(_one);
        scenario.Fleet.Controller.Want("device-0", Scenario.Name, null);
        Soon(scenario, () => scenario.Device.Store.Generation == 2);
        CapsuleSlot slot = Begun(scenario);
        scenario.Fleet.Run(Abandoned / 2);
        Assert.True(slot.IsServing);
        AssertAnswers(slot);
        scenario.Until(() => scenario.Device.Record(Scenario.Name) is null, "removed");
        Assert.False(slot.Begin());
        Assert.False(slot.Step(0));
    }

    [Fact]
    public void One_that_is_left_lying_is_given_up()
    {
        using Scenario scenario = Scenario.With(_one);
        scenario.Fleet.Controller.Want("device-0", Scenario.Name, null);
        Soon(scenario, () => scenario.Device.Store.Generation == 2);
        CapsuleSlot slot = Begun(scenario);
        scenario.Fleet.Run(2 * Abandoned);
        Assert.Null(scenario.Device.Record(Scenario.Name));
        Assert.False(slot.Step(0));
        Assert.False(slot.HasResult);
    }

    // The agent has done this step, and not the next one.
    private static void Soon(Scenario scenario, Func<bool> isSo)
    {
        for (int i = 0; !isSo() && i < 5000; i++)
        {
            scenario.Fleet.Run(1);
        }

        Assert.True(isSo());
    }

    private static CapsuleSlot Begun(Scenario scenario)
    {
        CapsuleSlot slot = scenario.Device.Agent.Find(Scenario.Name);
        Assert.True(slot.Feed(TinyCapsule.Sample(3), TinyCapsule.Inputs));
        Assert.True(slot.Begin());
        return slot;
    }

    private static void AssertAnswers(CapsuleSlot slot)
    {
        CapsuleResult result = new();
        while (slot.Step(0))
        {
        }

        Assert.True(slot.Read(result));
        Assert.Equal(_one.Decision(3), result.Decision);
    }
}
