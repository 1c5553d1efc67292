using System.Linq;
using NfRuntime.Agent.Lifecycle;
using NfRuntime.Agent.Protocol;
using NfRuntime.Simulation.Capsules;
using Xunit;

namespace NfRuntime.Agent.Tests.Scenarios;

/// <summary>What an application holds of a capsule: its place, its answer, its input.</summary>
public class SlotTests
{
    [Fact]
    public void Names_that_were_removed_make_place_for_others()
    {
        using Scenario scenario = new();
        scenario.Fleet.Start();
        CapsuleSlot first = null!;
        for (int i = 0; i < 20; i++)
        {
            string name = "acme/n" + (char)('a' + i);
            TinyCapsule capsule = Scenario.Capsule(1, 1, name: name);
            scenario.Want(capsule, confirm: DesiredCapsule.ConfirmNow);
            Assert.True(scenario.Fleet.RunUntil(() => scenario.Device.Agent.Find(name)?.IsServing == true, Scenario.Minute, 200, name), name + " serves");
            Assert.True(scenario.Device.Infer(name, 1));
            first ??= scenario.Device.Agent.Find(name);
            scenario.Fleet.Controller.Want("device-0", name, null);
            Assert.True(scenario.Fleet.RunUntil(() => scenario.Device.Record(name) is null, Scenario.Minute), name + " is removed");
        }

        Assert.True(first.IsRetired);
        Assert.False(first.Feed(TinyCapsule.Sample(1), TinyCapsule.Inputs));
        Assert.False(scenario.Device.Agent.Find("acme/nt").IsRetired);
    }

    [Fact]
    public void An_output_is_that_of_the_version_that_answered()
    {
        TinyCapsule one = Bare(1), two = Bare(2);
        using Scenario scenario = new();
        scenario.Fleet.Start();
        scenario.Want(one, confirm: DesiredCapsule.ConfirmNow);
        scenario.Fleet.Run(Scenario.Minute);
        CapsuleSlot slot = scenario.Device.Agent.Find(Scenario.Name);
        sbyte[] before = new sbyte[TinyCapsule.Classes], after = new sbyte[TinyCapsule.Classes];
        Assert.True(slot.Feed(TinyCapsule.Sample(3), TinyCapsule.Inputs) && slot.Begin());
        while (slot.Step(0))
        {
        }

        Assert.Equal(TinyCapsule.Classes, slot.ReadOutput(before));
        Assert.Equal(one.Decision(3), Enumerable.Range(0, before.Length).MaxBy(i => before[i]));
        scenario.Want(two, confirm: DesiredCapsule.ConfirmNow);
        scenario.Fleet.Run(Scenario.Minute);
        Assert.Equal(two.Version, slot.Version);
        Assert.Equal(TinyCapsule.Classes, slot.ReadOutput(after));
        Assert.Equal(before, after);
    }

    [Fact]
    public void A_model_with_two_inputs_is_refused_and_not_run_with_garbage()
    {
        TinyCapsule one = Scenario.Capsule(1, 1);
        TinyCapsule both = new(Scenario.Publisher, Scenario.Name, 1, 2, form: new TinyForm { HasTwoInputs = true });
        using Scenario scenario = Scenario.With(one);
        scenario.Want(both);
        scenario.Until(() => scenario.Record.RejectedReason != 0, "rejected");
        Assert.Equal(AgentReason.Unsupported, scenario.Record.RejectedReason);
        Assert.Equal(1, scenario.Record.Failures);
        Assert.True(scenario.IsConfirmed(one));
        Assert.True(scenario.Device.Infer(Scenario.Name, 3));
    }

    private static TinyCapsule Bare(int seed) => new(Scenario.Publisher, Scenario.Name, 1, seed, form: new TinyForm { IsBare = true });
}
